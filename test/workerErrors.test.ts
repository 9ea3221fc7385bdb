// Errors thrown on the other side of a channel arrive whole, in both directions.
import { expose, proxy, wrap } from 'comlink';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { Bug, UserError } from '../src/errors';
import { installWorkerErrors } from '../src/workerErrors';

const open: MessagePort[] = [];
beforeAll(installWorkerErrors);
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function connect<Api>(api: Api): ReturnType<typeof wrap<Api>> {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  expose(api, port1);
  return wrap<Api>(port2);
}

async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it('keeps code, detail, message, stack and the chain of causes', async () => {
  const api = {
    fail(): never {
      const root = new TypeError('no such file');
      const middle = new Bug('reader went on', { cause: root });
      throw new UserError('bad-shape', 'Inner sizes differ.', { left: 8, ok: false, name: 'fc1' }, { cause: middle });
    },
  };
  const error = await thrownBy(connect(api).fail());
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({
    code: 'bad-shape',
    message: 'Inner sizes differ.',
    detail: { left: 8, ok: false, name: 'fc1' },
  });
  expect((error as Error).stack).toContain('workerErrors.test');
  const { cause } = error as Error;
  expect(cause).toBeInstanceOf(Bug);
  expect((cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'no such file' });
});

it('carries errors that a callback on the calling side throws', async () => {
  const api = {
    async call(back: () => Promise<void>): Promise<string> {
      try {
        await back();
      } catch (error) {
        if (error instanceof UserError) return error.code;
        throw error;
      }
      return 'nothing';
    },
  };
  const answer = connect(api).call(
    proxy((): Promise<void> => {
      throw new UserError('from-the-page', 'The page said no.');
    }),
  );
  expect(await answer).toBe('from-the-page');
});

it('carries Bugs, values that are no errors, and values that cannot be cloned', async () => {
  const api = {
    bug(): never {
      throw new Bug('an invariant');
    },
    value(): never {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw { plain: 3 };
    },
    odd(): never {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw () => 1;
    },
  };
  const remote = connect(api);
  expect(await thrownBy(remote.bug())).toBeInstanceOf(Bug);
  expect(await thrownBy(remote.value())).toEqual({ plain: 3 });
  expect(await thrownBy(remote.odd())).toBe('() => 1');
});

it('ends a chain of causes that bites its tail', async () => {
  const api = {
    loop(): never {
      const error = new Error('round');
      error.cause = error;
      throw error;
    },
  };
  expect(await thrownBy(connect(api).loop())).toMatchObject({ message: 'round' });
});
