import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../src/cli/completion-script.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { SAMPLE_COMMANDS } from '../../helpers/sample-commands.ts';

/** What bash offers for a line whose last word is being typed. */
function complete(line: string): string[] {
  const words = line.split(' ');
  const script = [
    completionScript('bash', SAMPLE_COMMANDS),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_kmk_complete',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
}

describe('completion in bash', () => {
  it('offers commands, verbs, flags and values', () => {
    expect(complete('kmk ')).toEqual(expect.arrayContaining(['echo', 'group', 'help', '--output']));
    expect(complete('kmk gr')).toEqual(['group']);
    expect(complete('kmk group ')).toEqual(expect.arrayContaining(['wipe']));
    expect(complete('kmk group wipe --dr')).toEqual(['--dry-run']);
    expect(complete('kmk -p x group wipe --ke')).toEqual(['--keep']);
    expect(complete('kmk -o ')).toEqual(['human', 'json', 'jsonl', 'yaml']);
    expect(complete('kmk echo --simulate k')).toEqual(['kill']);
  });

  it('is registered when the script is loaded', () => {
    const script = `${completionScript('bash', SAMPLE_COMMANDS)}\ncomplete -p kmk`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toContain('-F _kmk_complete kmk');
  });
});

describe('kmk completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { stdout, exitCode } = await runCli(['completion', shell]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('config');
    expect(stdout).toContain(shell === 'fish' ? 'complete -c kmk' : '-F _kmk_complete kmk');
  });
});
