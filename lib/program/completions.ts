/**
 * Completion scripts for shells, from the table of options. What only this machine knows, such as
 * its cameras, they ask the program for: `--complete` prints a candidate per line, with a tab and
 * a description.
 *
 * @module
 */

import { COMMON_OPTIONS, type OptionTable, type Program } from "./option_table.ts";

/** A shell that there is a script for. */
export type Shell = "bash" | "zsh" | "fish";

/** What can complete the value of an option. */
type Values =
  | { kind: "words"; words: string[] }
  | { kind: "files" | "commands" | "operands" | "anything" };

/** An option as a shell sees it. */
interface Completed {
  name: string;
  short?: string;
  help: string;
  /** Undefined for an option without a value. */
  values: Values | undefined;
  value?: string;
  /** Whether it also comes without a value. */
  isOptional: boolean;
}

/** The completion script of a program for a shell. */
export function completionsOf<T extends OptionTable>(
  program: Program<T>,
  shell: Shell,
): string {
  const table: OptionTable = { ...program.options, ...COMMON_OPTIONS };
  const topics: Values = { kind: "words", words: [...Object.keys(program.topics), "all"] };
  const options = Object.entries(table).filter(([, { hidden }]) => !hidden).map(
    ([name, option]): Completed => ({
      ...option,
      name,
      values: "value" in option ? valuesOf(option.value) : name === "help" ? topics : undefined,
      isOptional: name === "help",
    }),
  );
  return { bash, zsh, fish }[shell](program, options);
}

/** What the name of a value in the help says about it. */
function valuesOf(value: string): Values {
  if (/^[a-z0-9]+(\|[a-z0-9]+)+$/.test(value)) return { kind: "words", words: value.split("|") };
  if (/FILE|DIR/.test(value)) return { kind: "files" };
  return { kind: value === "CMD" ? "commands" : value === "HOST" ? "operands" : "anything" };
}

/** Quotes a text for every shell here. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Lines as bash reads them within $''. */
function lines(words: string[]): string {
  return `$'${words.join("\\n")}'`;
}

function bash<T extends OptionTable>({ name, operand }: Program<T>, options: Completed[]): string {
  const cases = options.flatMap(({ name, short, values }) => {
    if (values === undefined) return [];
    const pattern = short ? `--${name}|-${short}` : `--${name}`;
    const actions: Record<Values["kind"], string> = {
      words: `candidates=${"words" in values ? lines(values.words) : ""}`,
      files: 'compopt -o filenames; candidates=$(compgen -f -- "$typed")',
      commands: 'candidates=$(compgen -c -- "$typed")',
      operands: 'candidates=$("$1" --complete 2>/dev/null | cut -f 1)',
      anything: "return",
    };
    return [`    ${pattern}) ${actions[values.kind]} ;;`];
  });
  const names = lines(options.map(({ name }) => `--${name}`));
  return `# bash completion for ${name}, of camcat
_camcat_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local typed=$word option=$before skip= candidates= candidate
  # bash takes = and : for words of their own.
  if [[ $word == = ]]; then typed=
  elif [[ $before == = ]]; then option=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $COMP_WORDBREAKS == *:* && ( $word == : || $before == : ) ]]; then
    typed=\${COMP_LINE:0:COMP_POINT}
    typed=\${typed##* }
    skip=\${typed%"\${typed##*:}"}
    option=
  fi
  if [[ $typed == [\\"\\']* ]]; then typed=\${typed:1}; else typed=\${typed//\\\\/}; fi
  COMPREPLY=()
  case $option in
${cases.join("\n")}
    *)
      if [[ $word == -* ]]; then candidates=${names}
      else
        compopt -o filenames
        candidates=$("$1" --complete 2>/dev/null | cut -f 1${
    operand === "source" ? '; compgen -f -- "$typed"' : ""
  })
      fi ;;
  esac
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$typed"* ]] || continue
    candidate=\${candidate#"$skip"}
    # With "filenames" bash quotes by itself.
    COMPREPLY+=("$candidate")
  done <<< "$candidates"
}
complete -F _camcat_${name} ${name}
`;
}

function zsh<T extends OptionTable>(
  { name: program, operand, maxOperands }: Program<T>,
  options: Completed[],
): string {
  const escaped = (text: string) => text.replaceAll(/[\[\]:\\]/g, String.raw`\$&`);
  const specs = options.map(({ name, short, help, value = "topic", values, isOptional }) => {
    const actions: Record<Values["kind"], string> = {
      words: `(${values && "words" in values ? values.words.join(" ") : ""})`,
      files: "_files",
      commands: "_command_names -e",
      operands: `_camcat_${program}_operands`,
      anything: " ",
    };
    const action = values === undefined
      ? ""
      : `${isOptional ? "::" : ":"}${escaped(value)}:${actions[values.kind]}`;
    const assigned = values === undefined || isOptional ? "" : "=";
    const about = `[${escaped(help)}]${action}`;
    if (short === undefined) return quoted(`--${name}${assigned}${about}`);
    const forms = `{-${short}${assigned && "+"},--${name}${assigned}}`;
    return `${quoted(`(-${short} --${name})`)}${forms}${quoted(about)}`;
  });
  const many = maxOperands > 1 ? "*" : "1";
  return `#compdef ${program}
# zsh completion for ${program}, of camcat
_camcat_${program}_operands() {
  local -a found
  local value about
  while IFS=$'\\t' read -r value about; do
    found+=("\${value//:/\\\\:}:$about")
  done < <("\${words[1]}" --complete 2>/dev/null)
  _describe -t operands ${operand} found
${operand === "source" ? "  _files\n" : ""}}
_${program}() {
  _arguments -s -S \\
    ${[...specs, quoted(`${many}:${operand}:_camcat_${program}_operands`)].join(" \\\n    ")}
}
# Run by the completion system, or by eval in .zshrc.
if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

/** fish reads candidates and descriptions as the programs print them. */
const FISH_OPERANDS = "'(set -l program (commandline -opc)[1]; $program --complete 2>/dev/null)'";

function fish<T extends OptionTable>({ name, operand }: Program<T>, options: Completed[]): string {
  const lines = options.map(({ name: option, short, help, values }) => {
    const parts = [`complete -c ${name} -l ${option}`];
    if (short) parts.push(`-s ${short}`);
    if (values?.kind === "files") parts.push("-r -F");
    else if (values !== undefined) parts.push("-x");
    if (values?.kind === "words") parts.push(`-a ${quoted(values.words.join(" "))}`);
    if (values?.kind === "commands") parts.push("-a '(__fish_complete_command)'");
    if (values?.kind === "operands") parts.push(`-a ${FISH_OPERANDS}`);
    return `${parts.join(" ")} -d ${quoted(help)}`;
  });
  return `# fish completion for ${name}, of camcat
${lines.join("\n")}
complete -c ${name} ${
    operand === "source" ? "" : "-f "
  }-k -a '(set -l program (commandline -opc)[1]; $program --complete 2>/dev/null)'
`;
}
