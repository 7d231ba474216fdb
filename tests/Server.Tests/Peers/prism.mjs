// Walks the API through Prism, which holds every request and answer against an OpenAPI file.
//   node prism.mjs                                            Twilio's wireless spec with spec-overlay.json, the story of kore
//   node prism.mjs --twilio twilio_monitor_v1 --overlay FILE --story monitor     another spec of Twilio's, with an overlay
//   node prism.mjs --spec FILE --story kore|gigs|operator|accounts               any other OpenAPI file
//   node prism.mjs --spec FILE --overlay FILE --bearer                           another with an overlay, by an access token
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { step, tell, url } from './story.mjs';
import { stories } from './prism-stories.mjs';

const here = import.meta.dirname;
const twilioSpecs = path.join(here, 'node_modules/@twilio/cli-core/src/services/twilio-api');
const prismProgram = path.join(here, 'node_modules/@stoplight/prism-cli/dist/index.js');
const prismStartMs = 120_000;

const { values: options } = parseArgs({
  options: {
    spec: { type: 'string' },
    twilio: { type: 'string', default: 'twilio_wireless_v1' },
    overlay: { type: 'string' },
    bearer: { type: 'boolean', default: false },
    story: { type: 'string', default: 'kore' },
  },
});

/** Puts the overlay's values where its JSON pointers point, making the last step of the way if it is not there. */
function overlay(spec, changes) {
  for (const { at, value, reason } of changes) {
    assert.ok(reason, `no reason for the change at ${at}`);
    for (const pointer of at) {
      const keys = pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      const last = keys.pop();
      const parent = keys.reduce((node, key) => node?.[key], spec);
      assert.ok(parent, `${pointer} is not in the spec`);
      parent[last] = value;
    }
  }
}

async function loadSpec(upstream) {
  const spec = JSON.parse(await readFile(options.spec ?? path.join(twilioSpecs, `${options.twilio}.json`), 'utf8'));
  const changes = options.overlay ?? (options.spec ? undefined : 'spec-overlay.json');
  if (changes) overlay(spec, JSON.parse(await readFile(path.join(here, changes), 'utf8')));
  spec.servers = [{ url: upstream }];
  for (const item of Object.values(spec.paths))
    for (const node of [item, ...Object.values(item)]) {
      delete node.servers;
      // Prism itself refuses a request that uses a deprecated parameter; ours and Twilio's are still served.
      for (const parameter of node.parameters ?? []) delete parameter.deprecated;
    }
  return spec;
}

/**
 * Stands between Prism and the server. It hands everything on, except a request with `x-spoil`: that is answered with
 * the given status and a body no schema allows, so that the story can prove Prism was looking. (Prism drops a schema it
 * cannot compile without a word.)
 */
async function startRelay() {
  const target = new URL(url);
  const relay = http.createServer((request, response) => {
    const { 'x-spoil': spoil, ...headers } = request.headers;
    if (spoil) {
      const [status, type] = spoil.split(' ');
      request.resume();
      response.writeHead(Number(status), { 'content-type': type }).end('"spoiled"');
      return;
    }
    const options = { method: request.method, headers: { ...headers, host: target.host } };
    const onward = http.request(new URL(request.url, target), options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => response.destroy(error));
    request.pipe(onward);
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  return relay;
}

async function startPrism(file, upstream) {
  const prism = spawn(process.execPath, [prismProgram, 'proxy', file, upstream, '--errors', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const origin = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Prism did not start within ${prismStartMs} ms:\n${output}`)), prismStartMs);
    const read = (chunk) => {
      output += chunk;
      const listening = /Prism is listening on (http:\/\/\S+?)\s/.exec(output);
      if (listening) resolve(listening[1]);
      if (listening) clearTimeout(late);
    };
    prism.stdout.on('data', read);
    prism.stderr.on('data', read);
    prism.once('exit', (code) => reject(new Error(`Prism ended with exit code ${code}:\n${output}`)));
  }).catch((error) => {
    prism.kill();
    throw error;
  });
  return { prism, origin };
}

/** The one way a story speaks: sends a request through Prism and fails on any violation, warnings included. */
function caller(origin) {
  async function send(method, where, { authorization, form, json, headers }, extra = {}) {
    const content = form ? 'application/x-www-form-urlencoded' : json && 'application/json';
    const answer = await fetch(new URL(where, origin), {
      method,
      headers: { authorization, ...(content && { 'content-type': content }), ...headers, ...extra },
      body: form ? new URLSearchParams(form).toString() : json && JSON.stringify(json),
    });
    return { answer, text: await answer.text(), violations: answer.headers.get('sl-violations') };
  }

  return async function call(what, method, where, expected, request) {
    return step(`${expected} ${method} ${where.split('?')[0]}: ${what}`, async () => {
      const { answer, text, violations } = await send(method, where, request);
      assert.ok(!violations, `the spec is violated: ${violations}`);
      assert.ok(!text.includes('stoplight.io/prism/errors'), `Prism refused the request: ${text}`);
      assert.equal(answer.status, expected, text);
      if (!text) return undefined;
      const type = answer.headers.get('content-type').split(';')[0];
      const spoiled = await send(method, where, request, { 'x-spoil': `${expected} ${type}` });
      assert.ok(spoiled.violations, 'a broken answer was not noticed: the spec says nothing about this one');
      return type.endsWith('json') ? JSON.parse(text) : text;
    });
  };
}

/** An access token of the sandbox's client. */
async function signIn() {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'sandbox-client', client_secret: 'sandbox-secret' });
  const answer = await fetch(new URL('/api-services/v1/auth/token', url), { method: 'POST', body });
  assert.equal(answer.status, 200);
  return `Bearer ${(await answer.json()).access_token}`;
}

await tell(async () => {
  const story = stories[options.story] ?? assert.fail(`no story ${options.story}; there are ${Object.keys(stories)}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'simkeeper-prism-'));
  const relay = await startRelay();
  let prism;
  try {
    const upstream = `http://127.0.0.1:${relay.address().port}`;
    const file = path.join(folder, 'spec.json');
    await writeFile(file, JSON.stringify(await loadSpec(upstream)));
    const started = await step('Prism starts', () => startPrism(file, upstream));
    prism = started.prism;
    await story(caller(started.origin), options.bearer ? await signIn() : undefined);
  } finally {
    prism?.removeAllListeners('exit').kill();
    relay.closeAllConnections();
    relay.close();
    await rm(folder, { recursive: true, force: true });
  }
});
