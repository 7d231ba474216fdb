// twilio-cli, with nothing changed: it logs in, keeps a profile, and lives with a SIM. It reaches the server by HTTP_PROXY.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bin = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node_modules/.bin');
const [account, token] = ['AC00000000000000000000000000000001', 'sandbox-token-000000000000000001'];
const commands = new Set();

let credentials = {};

/** Runs a command and gives what it prints; a failure is thrown with what it printed. */
async function twilio(...args) {
  commands.add(args[0]);
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...credentials };
  const run = promisify(execFile)(path.join(bin, 'twilio'), args, { env });
  let seen = '';
  const answers = [['remove the "sandbox" profile', 'y\n'], ['delete the API Key', 'n\n']];
  run.child.stdout.on('data', (text) => {
    seen += text;
    while (answers.length > 0 && seen.includes(answers[0][0])) run.child.stdin.write(answers.shift()[1]);
  });
  return (await run).stdout;
}

/** What a command prints as JSON: an array of resources. */
const json = async (...args) => JSON.parse(await twilio(...args, '-o', 'json'));
const wireless = (command, ...args) => json(`api:wireless:v1:${command}`, ...args);
const one = async (...args) => (await wireless(...args))[0];

async function until(ask, satisfied) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    assert.ok(Date.now() < deadline, `not within a minute: ${JSON.stringify(answer)}`);
  }
}

await twilio('login', account, '--auth-token', token, '-p', 'sandbox', '-f');
await twilio('profiles:use', 'sandbox');
const profiles = await json('profiles:list');
assert.deepEqual(profiles.map(({ id, accountSid, active }) => [id, accountSid, active]), [['sandbox', account, true]]);

// Accounts and keys are the auth token's to manage: the key of a profile may not.
await assert.rejects(twilio('api:core:keys:list', '-o', 'json'), ({ stdout }) => stdout.includes('20003'));
credentials = { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token };
assert.match((await json('api:core:keys:list'))[0].sid, /^SK[0-9a-f]{32}$/);
assert.deepEqual((await json('api:core:accounts:list')).map(({ sid }) => sid).at(-1), account);
const [{ sid: sub }] = await json('api:core:accounts:create', '--friendly-name', 'The other side');
await json('api:core:accounts:update', '--sid', sub, '--friendly-name', 'Renamed');
assert.equal((await json('api:core:accounts:fetch', '--sid', sub))[0].friendlyName, 'Renamed');
credentials = {};

const listed = await wireless('sims:list', '--status', 'new', '--page-size', '1', '--limit', '3');
assert.deepEqual(listed.map(({ status }) => status), ['new', 'new', 'new']);
const { sid } = await one('sims:fetch', '--sid', listed[0].sid);
const plan = await one('rate-plans:create', '--unique-name', 'story', '--data-enabled', '--data-limit', '500');
assert.deepEqual([plan.uniqueName, plan.dataEnabled, plan.dataLimit], ['story', true, 500]);
assert.equal((await wireless('rate-plans:list')).length, 2);
await wireless('rate-plans:update', '--sid', plan.sid, '--friendly-name', 'Told');
assert.equal((await one('rate-plans:fetch', '--sid', 'story')).friendlyName, 'Told');
const updated = await one('sims:update', '--sid', sid, '--unique-name', 'gate', '--status', 'active', '--rate-plan', 'story');
// An answer with 202 is printed as it came.
assert.equal(updated.unique_name, 'gate');
const active = await until(() => one('sims:fetch', '--sid', 'gate'), ({ status }) => status === 'active');
assert.equal(active.ratePlanSid, plan.sid);

const command = await one('commands:create', '--sim', sid, '--command', 'on');
await until(() => one('commands:fetch', '--sid', command.sid), ({ status }) => status === 'delivered');
assert.deepEqual((await wireless('commands:list', '--sim', sid)).map((listed) => listed.sid), [command.sid]);
const properties = ['--properties', 'commands'];
assert.equal((await one('sims:usage-records:list', '--sim-sid', sid, ...properties)).commands.total, 1);
assert.equal((await one('usage-records:list', ...properties)).commands.total, 1);
assert.equal(await twilio('api:wireless:v1:sims:data-sessions:list', '--sim-sid', sid, '-o', 'json'), '');
const events = await json('api:monitor:v1:events:list', '--resource-sid', sid, '--page-size', '1');
assert.deepEqual(events.map(({ eventType }) => eventType), ['wireless-sim.updated', 'wireless-sim.updated']);
assert.equal((await json('api:monitor:v1:events:fetch', '--sid', events[0].sid))[0].resourceSid, sid);
await assert.rejects(twilio('api:wireless:v1:rate-plans:remove', '--sid', 'story'), /20409/);
await twilio('api:wireless:v1:commands:remove', '--sid', command.sid);
await assert.rejects(twilio('api:wireless:v1:commands:fetch', '--sid', command.sid), /20404/);
await twilio('profiles:remove', 'sandbox');

console.log(`${commands.size} commands`);
