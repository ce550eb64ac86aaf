import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { markedProcesses } from '../../../src/runtime/local/marked-processes.ts';

test('counts a shell with the mark as an argument of its own, and nothing else that mentions it', async () => {
  const mark = `-Dkmk.state=test-${process.pid}`;
  const script = 'read -r _';
  const children = [
    spawn('sh', ['-c', script, 'kmk', mark]),
    spawn('sh', ['-c', script, 'kmk', `${mark}-longer`]),
    spawn('sh', ['-c', `${script}; : ${mark}`]),
    spawn(process.execPath, ['-e', 'process.stdin.resume()', '--', mark]),
  ];
  try {
    await expect.poll(async () => (await markedProcesses(mark)).map(({ pid }) => pid)).toEqual([children[0]?.pid]);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});
