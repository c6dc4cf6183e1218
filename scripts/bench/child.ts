/** Work in processes of their own: to be told apart in processor time, or to be several. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** The program's file in this directory. */
  readonly program: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Child<Task, Answer> {
  /** One at a time. */
  ask(task: Task): Promise<Answer>;
  end(): void;
}

/** Starts a program that does {@link serve}. What it prints is read and thrown away, as a platform would take it. */
export function startChild<Task, Answer>({ program, variables = {} }: ChildOptions): Child<Task, Answer> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child: ChildProcess = fork(file, [], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.stdout?.resume();
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`${program} ended with ${code}`));
        child.once('exit', ended);
        child.once('message', (answer) => {
          child.off('exit', ended);
          resolve(answer as Answer);
        });
        child.send(task as object);
      }),
    end: () => void child.kill(),
  };
}

/** In the program: answers every task, until the parent ends it. */
export function serve<Task, Answer extends object>(work: (task: Task) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (task) => {
    work(task as Task).then(
      (answer) => process.send?.(answer),
      (error) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        process.exit(1);
      },
    );
  });
}
