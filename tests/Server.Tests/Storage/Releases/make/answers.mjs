// What is asked of a store, and how the program of its release answers. A recording is one JSON object a line.
import { send } from './program.mjs';

/** Everything that the three APIs show of a store whose clock stands. */
export async function recordAll(server, story) {
  const record = recorder(server, story.authorizations);
  await recordOperator(record, story);
  await recordKore(record, story);
  await recordGigs(record, story);
  await recordCredentials(record, story);
  return record.lines;
}

/** What has become of it after some time: all that does not hang on chance. */
export async function recordLater(server, story, { withDeliveries }) {
  const record = recorder(server, story.authorizations);
  const since = story.frozenAt;
  // How long it takes until the next try at a carrier that was away, or whose answer was lost, is a matter of chance.
  const byChance = ['uncertain', 'away', 'awayActive'];
  for (const [part, { sid }] of Object.entries(story.sims)) {
    if (part === 'deleted') continue;
    await record('operator', `/operator/v1/sims/${sid}`, { ignore: ['updatedAt', 'version'] });
    const ignore = byChance.includes(part) ? ['id', 'at'] : ['id'];
    await record('operator', `/operator/v1/events?sim=${sid}&since=${since}`, { ignore });
  }
  await record('operator', '/operator/v1/operations?limit=500', { ignore: ['attempts', 'nextTry', 'deadline', 'endedAt', 'lastError'] });
  await record('kore', '/v1/Commands?PageSize=1000', { ignore: ['date_updated'] });
  await record('kore', '/v1/UsageRecords');
  if (withDeliveries) await record('operator', `/operator/v1/deliveries?limit=500&until=${since}`, { ignore: ['attempts'] });
  return record.lines;
}

function recorder(server, authorizations) {
  const lines = [];
  async function record(as, path, { method = 'GET', ignore, ...more } = {}) {
    const request = { as, method, path, ...more };
    const { status, answerType, answer } = await send(server, authorizations, request);
    lines.push(JSON.stringify({ ...request, status, answerType, ...(ignore ? { ignore } : {}), answer }));
    return answer;
  }
  return Object.assign(record, { lines });
}

async function recordOperator(record, { sims, accounts, frozenAt }) {
  const get = (path, more) => record('operator', `/operator/v1/${path}`, more);
  await get('clock', { ignore: ['offset'] });
  await get('faults');
  await get('carriers');
  await get('operator-keys');
  await get('accounts');
  for (const sid of Object.values(accounts)) {
    await get(`accounts/${sid}`);
    await get(`accounts/${sid}/keys`);
    await get(`sims?account=${sid}&limit=3`);
    await get(`events?account=${sid}&limit=5`);
    await get(`deliveries?account=${sid}&limit=3`);
  }
  await pages(get, 'sims?limit=20');
  await get(`sims?iccid=${sims.active.iccid}`);
  await get('sims?provider=p3');
  await get('sims?status=canceled');
  await get(`sims/${sims.active.id}`);
  await pages(get, 'operations?limit=20');
  for (const operation of (await get('operations?state=open')).items) await get(`operations/${operation.id}`);
  await get('operations?carrier=lab&state=withdrawn');
  await pages(get, 'events?limit=200');
  await get(`events?sim=${sims.active.sid}`);
  await get('events?type=sim.moved');
  await get(`events?since=${frozenAt}`);
  await get('webhook-endpoints');
  await pages(get, 'deliveries?limit=100');
  const [pending] = (await get('deliveries?state=pending&limit=500')).items;
  await get(`deliveries/${pending.id}`);
  await get('deliveries?state=dead&limit=500');
  await get('deliveries?kind=webhook&limit=3');
  await get(`deliveries?sim=${sims.active.sid}`);
}

/** A list to its end: the cursors of the release go on to mean what they meant. */
async function pages(get, path) {
  let next = path;
  while (next) {
    const page = await get(next);
    next = page.next ? `${path}&after=${page.next}` : undefined;
  }
}

async function recordKore(record, { sims, accounts, plans, frozenAt }) {
  const get = (path, as = 'kore') => record(as, path);
  const ago = (hours) => new Date(Date.parse(frozenAt) - hours * 3_600_000).toISOString();
  const usage = [`Granularity=daily&Start=${ago(96)}`, `Granularity=hourly&Start=${ago(8)}`];
  for (const as of ['kore', 'field', 'other']) {
    for (const list of ['Sims', 'Commands', 'RatePlans', 'Events']) await get(`/v1/${list}?PageSize=1000`, as);
    for (const filter of usage) await get(`/v1/UsageRecords?${filter}`, as);
    await get('/2010-04-01/Accounts.json', as);
    await get('/v1/secrets', as);
  }
  for (const as of ['koreWrite', 'koreRead', 'token', 'paused', 'closed', 'own']) {
    await get('/v1/Sims?PageSize=1', as);
    await get(`/2010-04-01/Accounts/${accounts.master}.json`, as);
  }
  const { meta } = await get('/v1/Sims?PageSize=5');
  await get(new URL(meta.next_page_url).pathname + new URL(meta.next_page_url).search);
  for (const status of ['new', 'ready', 'active', 'suspended', 'deactivated', 'canceled', 'updating', 'scheduled'])
    await get(`/v1/Sims?Status=${status}&PageSize=4`);
  await get(`/v1/Sims?EId=89049032123451234512345678901235`);
  await get('/v1/Sims?SimRegistrationCode=H3LL0');
  await get(`/v1/Sims?RatePlan=${plans.small}`);
  await get(`/v1/Sims?Iccid=${sims.active.iccid}`);
  await get(`/v1/Sims/${encodeURIComponent('Pümpe 7 & more')}`);
  for (const part of ['deleted', 'moved', 'foreign']) await get(`/v1/Sims/${sims[part].sid}`);
  for (const part of ['active', 'blocked', 'throttled', 'almost', 'fourCommands']) {
    await get(`/v1/Sims/${sims[part].sid}/UsageRecords`);
    await get(`/v1/Sims/${sims[part].sid}/DataSessions`);
  }
  for (const filter of usage) await get(`/v1/Sims/${sims.active.sid}/UsageRecords?${filter}`);
  for (const [part, as] of [['moved', 'field'], ['foreign', 'other']]) {
    await get(`/v1/Sims/${sims[part].sid}/UsageRecords`, as);
    await get(`/v1/Sims/${sims[part].sid}/DataSessions`, as);
  }
  await get('/v1/RatePlans/abroad');
  for (const filter of ['Status=queued', 'Status=failed', 'Direction=from_sim', `Sim=${sims.active.sid}`])
    await get(`/v1/Commands?${filter}`);
  const { commands } = await get('/v1/Commands?PageSize=1');
  await get(`/v1/Commands/${commands[0].sid}`);
  await get(`/v1/Events?ResourceSid=${sims.active.sid}`);
  await get(`/v1/Events?ActorSid=${accounts.master}&PageSize=3`);
  await get('/v1/Events?SourceIpAddress=127.0.0.1&PageSize=3');
  const { events } = await get('/v1/Events?PageSize=1');
  await get(`/v1/Events/${events[0].sid}`);
  await get(`/2010-04-01/Accounts.json?Status=suspended`);
}

async function recordGigs(record, { sims, master, once }) {
  const base = `/projects/${master.project}/sims`;
  const get = (path, as = 'gigs') => record(as, path);
  await get(`${base}?limit=200`);
  await get('/projects/field-trials/sims', 'gigsField');
  await get('/projects/another-customer/sims', 'gigsOther');
  const { moreItemsAfter } = await get(`${base}?limit=5`, 'gigsRead');
  await get(`${base}?limit=5&after=${moreItemsAfter}`, 'gigsWrite');
  for (const filter of ['status=retired', 'status=active&provider=test', 'type=eSIM', 'user=usr_0SNlurA049MEWV4xQpmvYx9hw9'])
    await get(`${base}?${filter}`);
  for (const part of ['active', 'deleted', 'moved', 'foreign']) await get(`${base}/${sims[part].id}`);
  for (const part of ['eSim', 'counted', 'noProfile', 'retired', 'active']) {
    await get(`${base}/${sims[part].id}/credentials`);
    await get(`${base}/${sims[part].id}/eSimProfile`);
  }
  const { as, path, ...request } = once;
  await record(as, path, request);
  await record(as, path, { ...request, body: request.body.replace('}', ',"type":["pSIM"]}') });
  for (const key of ['revoked', undefined]) await get(`${base}?limit=1`, key);
}

/** Pictures of activation codes, keys that came late, and a new token of the OAuth2 client. */
async function recordCredentials(record, { sims, master, oldQrCode, client }) {
  const credentials = await record('gigs', `/projects/${master.project}/sims/${sims.counted.id}/credentials`);
  await record(undefined, new URL(credentials.qrCodeUrl).pathname);
  await record(undefined, oldQrCode);
  await record('operatorNew', '/operator/v1/operator-keys');
  await record('operatorRead', '/operator/v1/faults', { method: 'DELETE' });
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...client }).toString();
  await record(undefined, '/api-services/v1/auth/token', {
    method: 'POST', type: 'application/x-www-form-urlencoded', body: form, ignore: ['access_token'],
  });
}
