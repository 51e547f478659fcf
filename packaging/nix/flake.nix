{
  description = "Watch a camera live from another machine: netcat for cameras";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      targets = {
        x86_64-linux = {
          name = "x86_64-unknown-linux-gnu";
          sha256 = "@SHA256 camcat-@VERSION@-x86_64-unknown-linux-gnu.tar.xz@";
        };
        aarch64-linux = {
          name = "aarch64-unknown-linux-gnu";
          sha256 = "@SHA256 camcat-@VERSION@-aarch64-unknown-linux-gnu.tar.xz@";
        };
      };
    in {
      packages = nixpkgs.lib.mapAttrs (system: target:
        let
          pkgs = nixpkgs.legacyPackages.${system};
          release = pkgs.stdenvNoCC.mkDerivation {
            pname = "camcat-release";
            version = "@VERSION@";
            src = pkgs.fetchurl {
              url = "@URL@/camcat-@VERSION@-${target.name}.tar.xz";
              inherit (target) sha256;
            };
            # A program follows its runtime in one file, which must stay as it is.
            dontBuild = true;
            dontStrip = true;
            dontPatchELF = true;
            installPhase = "cp -r . $out";
          };
          # So it runs where it finds the loader of glibc at its usual place.
          program = name: pkgs.buildFHSEnv {
            inherit name;
            targetPkgs = pkgs: [ pkgs.ffmpeg pkgs.v4l-utils pkgs.stdenv.cc.cc.lib ];
            runScript = "${release}/bin/${name}";
          };
        in {
          default = pkgs.symlinkJoin {
            name = "camcat-@VERSION@";
            paths = [ (program "sender") (program "receiver") (program "call") ];
            postBuild = "ln -s ${release}/share $out/share";
            meta.license = pkgs.lib.licenses.mit;
          };
        }) targets;
    };
}
