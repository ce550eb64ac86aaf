import { Option } from 'commander';
import type { CommandDefinition } from './define-command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { OptionSpec } from './option.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Words that can follow a path of the command tree, and the values of options there. */
interface Level {
  /** `kmk`, `kmk topic`, `kmk topic list` */
  readonly path: string;
  readonly words: readonly string[];
}

/** A completion script with static words: verbs, flags, and values of flags that have a fixed list. */
export function completionScript(shell: Shell, commands: readonly CommandDefinition[]): string {
  const levels = levelsOf(commands);
  const values = valuesOf(commands);
  switch (shell) {
    case 'bash':
      return bashScript(levels, values);
    case 'zsh':
      return `#compdef kmk\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(levels, values)}`;
    case 'fish':
      return fishScript(levels, values);
  }
}

function levelsOf(commands: readonly CommandDefinition[]): readonly Level[] {
  const words = new Map<string, Set<string>>([['kmk', new Set(['help', '--version'])]]);
  const add = (path: string, list: readonly string[]): void => {
    const set = words.get(path) ?? new Set<string>();
    for (const word of list) set.add(word);
    words.set(path, set);
  };
  for (const command of commands) {
    let path = 'kmk';
    for (const word of command.name.split(' ')) {
      add(path, [word]);
      path = `${path} ${word}`;
      add(path, []);
    }
    add(path, Object.values(command.options ?? {}).flatMap(flagsOf));
    add(
      path,
      Object.values(command.args ?? {}).flatMap((argument) => argument.choices),
    );
  }
  for (const path of words.keys()) add(path, ['--help', ...Object.values(GLOBAL_OPTIONS).flatMap(flagsOf)]);
  return [...words].map(([path, set]) => ({ path, words: [...set] }));
}

/** Value words by flag. A flag means the same in every command. */
function valuesOf(commands: readonly CommandDefinition[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  const specs = [GLOBAL_OPTIONS, ...commands.map((command) => command.options ?? {})].flatMap((o) => Object.values(o));
  for (const spec of specs) {
    const { short, long } = new Option(spec.flags);
    for (const flag of [short, long]) if (flag !== undefined && spec.choices.length > 0) values.set(flag, spec.choices);
  }
  return values;
}

function flagsOf(spec: OptionSpec<unknown>): string[] {
  const { long } = new Option(spec.flags);
  return long === undefined ? [] : [long];
}

function bashScript(levels: readonly Level[], values: ReadonlyMap<string, readonly string[]>): string {
  const valueCases = [...values].map(([flag, words]) => `    ${flag}) words="${words.join(' ')}" ;;`);
  const levelCases = levels.map(({ path, words }) => `      "${path}") words="${words.join(' ')}" ;;`);
  const paths = levels.map(({ path }) => `"${path}"`).join('|');
  return `_kmk_complete() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" words="" path="kmk" word i
  if [ "$COMP_CWORD" -gt 0 ]; then previous="\${COMP_WORDS[COMP_CWORD-1]}"; fi
  case "$previous" in
${valueCases.join('\n')}
  esac
  if [ -z "$words" ]; then
    for ((i = 1; i < COMP_CWORD; i++)); do
      word="\${COMP_WORDS[i]}"
      case "$path $word" in ${paths}) path="$path $word" ;; esac
    done
    case "$path" in
${levelCases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _kmk_complete kmk
`;
}

function fishScript(levels: readonly Level[], values: ReadonlyMap<string, readonly string[]>): string {
  const levelCases = levels.map(({ path, words }) => `    case '${path}'\n      printf '%s\\n' ${words.join(' ')}`);
  const valueCases = [...values].map(
    ([flag, words]) => `    case '${flag}'\n      printf '%s\\n' ${words.join(' ')}\n      return`,
  );
  const paths = levels.map(({ path }) => `'${path}'`).join(' ');
  return `function __kmk_words
  set -l tokens (commandline -opc)
  switch "$tokens[-1]"
${valueCases.join('\n')}
  end
  set -l path kmk
  for word in $tokens[2..-1]
    if contains -- "$path $word" ${paths}
      set path "$path $word"
    end
  end
  switch "$path"
${levelCases.join('\n')}
  end
end
complete -c kmk -a '(__kmk_words)'
`;
}
