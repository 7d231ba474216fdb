// Makes both stores of a release and records how its program answers. Called by ../make.sh, with a PostgreSQL server in the environment.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordAll, recordLater } from './answers.mjs';
import { fill } from './content.mjs';
import { calls, send, start } from './program.mjs';
import { receive } from './receiver.mjs';

const [release, program] = process.argv.slice(2);

/** What the tests start their servers with, too. */
const settings = {
  'Http:PublicUrl': 'https://simkeeper.example',
  'Carriers:lab:Kind': 'manual',
  'Carriers:p3:Kind': 'test',
  'Carriers:p14:Kind': 'test',
  'Carriers:p15:Kind': 'test',
};

/** How often the QR code of one SIM was revoked. No call of 0.1 does it, but the store has a place for it. */
const revoke = (id) => `update sims set qr_counter = 3 where id = ${id}`;

const run = (command, ...options) => execFileSync(command, options, { maxBuffer: 1 << 26, encoding: 'utf8' });
const bearer = (key) => `Bearer ${key}`;
const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** The sandbox on the embedded store, with its well-known credentials. */
const embedded = {
  name: 'embedded',
  settings,
  async prepare(folder) {
    this.options = ['--sandbox', '--data', folder];
    const keys = { authToken: 'sandbox-token', gigsKey: 'gpk_sandbox', operatorKey: 'skop_sandbox' };
    return { ...keys, accountSid: `AC${'1'.padStart(32, '0')}`, project: 'sandbox' };
  },
  revoke: (folder, sid) => run('sqlite3', join(folder, 'simkeeper.db'), revoke(`x'${sid.slice(2)}'`)),
  keep(folder, target) {
    for (const file of ['simkeeper.db', 'secrets.key']) copyFileSync(join(folder, file), join(target, file));
  },
  copy(folder) {
    cpSync(folder, `${folder}-later`, { recursive: true });
    return ['--sandbox', '--data', `${folder}-later`];
  },
};

/** An installation that began in production, with credentials of its own, on PostgreSQL; a sandbox from then on, for its clock. */
const postgresql = {
  name: 'postgresql',
  settings: { ...settings, 'Secrets:Key': 'the key of old stores' },
  database: (name) => ['--database', `Host=${process.env.PGHOST};Username=${process.env.PGUSER};Database=${name}`],
  async prepare(folder) {
    run('createdb', 'release');
    this.options = [...this.database('release'), '--data', folder];
    const server = await start(program, this.options, this.settings);
    await server.stop();
    this.options.push('--sandbox');
    return { ...JSON.parse(readFileSync(join(folder, 'credentials.json'), 'utf8')), project: 'main' };
  },
  revoke: (_, sid) => run('psql', '-q', '-d', 'release', '-c', revoke(`'${sid.slice(2)}'`)),
  keep(_, target) {
    const dump = run('pg_dump', '--no-owner', '--no-privileges', '--inserts', '--rows-per-insert=1000', 'release');
    // Words to psql and settings that an older server lacks are left out.
    writeFileSync(join(target, 'dump.sql'), dump.replace(/^(\\.*|SET transaction_timeout.*|--.*)?\n/gm, ''));
  },
  copy(folder) {
    run('createdb', '-T', 'release', 'later');
    return ['--sandbox', ...this.database('later'), '--data', folder];
  },
};

/** A callback says the same in every run; a webhook does only if it was pending: a new one has an id of its own. */
function isKnown(answers) {
  const lists = answers.map((line) => JSON.parse(line)).filter(({ path }) => path.includes('/deliveries?state=pending'));
  const pending = new Set(lists.flatMap(({ answer }) => answer.items.map((delivery) => delivery.token)));
  return ({ type, token }) => type !== 'application/json' || pending.has(token);
}

async function make(store) {
  const folder = mkdtempSync(join(tmpdir(), 'simkeeper-release-'));
  const target = join(import.meta.dirname, '..', release, store.name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const write = (name, lines) => writeFileSync(join(target, name), lines.map((line) => `${line}\n`).join(''));
  const receiver = await receive();

  const first = await store.prepare(folder);
  const master = { sid: first.accountSid, token: first.authToken, project: first.project };
  const authorizations = {
    operator: bearer(first.operatorKey), kore: basic(master.sid, master.token), gigs: bearer(first.gigsKey),
  };
  let server = await start(program, store.options, store.settings);
  const story = await fill({
    api: calls(server, authorizations), authorizations, receiver, master,
    send: (request) => send(server, authorizations, request),
  });
  const counted = `/projects/${master.project}/sims/${story.sims.counted.id}`;
  const { qrCodeUrl } = await calls(server, authorizations).get('gigs', `${counted}/credentials`);
  story.oldQrCode = new URL(qrCodeUrl).pathname;
  await server.stop();
  store.revoke(folder, story.sims.counted.sid);

  // What only the memory of a server holds is no part of a store: it is asked after a new start.
  server = await start(program, store.options, store.settings);
  const answers = await recordAll(server, story);
  write('answers.ndjson', answers);
  await server.stop();
  store.keep(folder, target);
  const { secrets, sims, frozenAt } = story;
  const [wall, { url }] = [new Date().toISOString(), receiver];
  const about = { release, frozenAt, wall, receiver: url, settings: store.settings, authorizations, secrets, sims };
  writeFileSync(join(target, 'about.json'), `${JSON.stringify(about, null, 2)}\n`);

  Object.assign(receiver, { failing: false, mild: true, received: [] });
  const later = await start(program, store.copy(folder), store.settings);
  const { advance } = calls(later, authorizations);
  await advance('73h');
  write('after-73h.ndjson', await recordLater(later, story, { withDeliveries: true }));
  write('sent.ndjson', receiver.received.filter(isKnown(answers)).map(({ token, ...message }) => JSON.stringify(message)));
  await advance('2327h');
  write('after-100d.ndjson', await recordLater(later, story, { withDeliveries: false }));
  await later.stop();
  receiver.close();
  rmSync(folder, { recursive: true });
  rmSync(`${folder}-later`, { recursive: true, force: true });
  console.log(`${target} is made.`);
}

await make(embedded);
await make(postgresql);
process.exit(0);
