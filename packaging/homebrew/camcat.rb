class Camcat < Formula
  desc "Watch a camera live from another machine: netcat for cameras"
  homepage "@HOMEPAGE@"
  version "@VERSION@"
  license "MIT"

  depends_on "ffmpeg"

  on_macos do
    on_arm do
      url "@URL@/camcat-@VERSION@-aarch64-apple-darwin.tar.xz"
      sha256 "@SHA256 camcat-@VERSION@-aarch64-apple-darwin.tar.xz@"
    end
    on_intel do
      url "@URL@/camcat-@VERSION@-x86_64-apple-darwin.tar.xz"
      sha256 "@SHA256 camcat-@VERSION@-x86_64-apple-darwin.tar.xz@"
    end
  end

  on_linux do
    on_arm do
      url "@URL@/camcat-@VERSION@-aarch64-unknown-linux-gnu.tar.xz"
      sha256 "@SHA256 camcat-@VERSION@-aarch64-unknown-linux-gnu.tar.xz@"
    end
    on_intel do
      url "@URL@/camcat-@VERSION@-x86_64-unknown-linux-gnu.tar.xz"
      sha256 "@SHA256 camcat-@VERSION@-x86_64-unknown-linux-gnu.tar.xz@"
    end
  end

  def install
    # Stripping would cut off the program, which follows the runtime.
    bin.install "bin/sender", "bin/receiver", "bin/call"
    man1.install Dir["share/man/man1/*"]
    bash_completion.install Dir["share/bash-completion/completions/*"]
    zsh_completion.install Dir["share/zsh/site-functions/*"]
    fish_completion.install Dir["share/fish/vendor_completions.d/*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/sender --version")
    assert_match version.to_s, shell_output("#{bin}/receiver --version")
  end
end
