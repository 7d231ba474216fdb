// The program of a release as a process, and requests to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const readyMs = 60_000;

/** Starts `simkeeper serve`; ready when it listens. */
export async function start(program, options, settings) {
  const environment = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`SIMKEEPER__${name.replaceAll(':', '__')}`, value]),
  );
  const child = spawn(program, ['serve', '--urls', 'http://127.0.0.1:0', ...options], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = [];
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It did not start:\n${said.join('\n')}`)), readyMs);
    child.once('exit', (code) => reject(new Error(`It ended with ${code}:\n${said.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const listens = /Simkeeper listens on (\S+)\.$/.exec(line);
      if (!listens) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(listens[1].replace(/\/$/, ''));
    });
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** One request as it is written into a recording: who asks, for what, with what. */
export async function send(server, authorizations, { as, method, path, headers, body, type }) {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(as ? { authorization: authorizations[as] } : {}),
      ...(type ? { 'content-type': type } : {}),
      ...headers,
    },
    body,
    redirect: 'manual',
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const answerType = response.headers.get('content-type');
  const isJson = /[/+]json/.test(answerType ?? '');
  const answer = isJson ? JSON.parse(bytes.toString('utf8')) : undefined;
  return { status: response.status, answerType: answerType ?? undefined, answer };
}

/** Short ways to call a server; each fails unless the answer is a success, and gives its JSON. */
export function calls(server, authorizations) {
  async function call(as, method, path, body, type) {
    const { status, answer } = await send(server, authorizations, { as, method, path, body, type });
    if (status >= 300) throw new Error(`${method} ${path} as ${as}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }
  return {
    get: (as, path) => call(as, 'GET', path),
    json: (as, path, value = {}, method = 'POST') => call(as, method, path, JSON.stringify(value), 'application/json'),
    form: (as, path, value) => call(as, 'POST', path, new URLSearchParams(value).toString(), 'application/x-www-form-urlencoded'),
    drop: (as, path) => call(as, 'DELETE', path),
    csv: (account, text) => call('operator', 'POST', `/operator/v1/accounts/${account}/sims/import?format=csv`, text, 'text/csv'),
    /** Moves the clock and waits until all that became due is done. */
    async advance(by) {
      const path = '/operator/v1/clock/advance';
      let answer = await call('operator', 'POST', path, JSON.stringify({ by }), 'application/json');
      while (answer.target) answer = await call('operator', 'POST', path, '{"by":"0ms"}', 'application/json');
      return answer.now;
    },
  };
}
