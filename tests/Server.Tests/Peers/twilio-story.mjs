// Everything a Sim points to, in one story through Twilio's own SDK for Node: from a plan to the last event of its SIM, with every
// property of every resource.
import assert from 'node:assert/strict';
import { operate, sandbox, step, tell, until, url, whileFrozen } from './story.mjs';
import { aDate, clientOf, refused, sidLike, startReceiver } from './twilio-client.mjs';

const { master } = sandbox;
const client = clientOf(master);
const { sims, ratePlans, commands, usageRecords } = client.wireless.v1;
const accounts = client.api.v2010.accounts;
const seconds = (time) => new Date(Math.floor(time / 1000) * 1000);

/** An instance has these properties with these values, two dates that are set by the server, and no others. */
function is(instance, properties) {
  const { dateCreated, dateUpdated, ...others } = instance.toJSON();
  assert.ok(aDate(dateCreated) && aDate(dateUpdated) && dateUpdated >= dateCreated, 'dates');
  assert.deepEqual(others, properties);
}

const withoutDates = ({ dateCreated, dateUpdated, ...others }) => others;

await tell(async () => {
  const receiver = await startReceiver();
  const planned = {
    uniqueName: 'whole story', friendlyName: 'The whole story', dataEnabled: true, dataMetering: 'payg', dataLimit: 500,
    messagingEnabled: true, voiceEnabled: true, nationalRoamingEnabled: true, nationalRoamingDataLimit: 200,
    internationalRoaming: ['data', 'messaging'], internationalRoamingDataLimit: 100,
  };
  let plan, sub, own, planThere;

  await step('a plan with every property', async () => {
    plan = await ratePlans.create({ ...planned, dataLimitStrategy: 'block' });
    is(plan, { ...planned, sid: plan.sid, accountSid: master.sid, url: `${url}/v1/RatePlans/${plan.sid}` });
    assert.ok(sidLike('WP')(plan.sid));
    assert.deepEqual((await ratePlans(planned.uniqueName).fetch()).toJSON(), plan.toJSON());
    assert.deepEqual((await ratePlans.list({ limit: 1 }))[0].toJSON(), plan.toJSON());
  });

  await step('a subaccount, with a plan of its own', async () => {
    sub = await accounts.create({ friendlyName: 'The other side' });
    is(sub, {
      sid: sub.sid, authToken: sub.authToken, friendlyName: 'The other side', ownerAccountSid: master.sid, status: 'active', type: 'Full',
      subresourceUris: {}, uri: `/2010-04-01/Accounts/${sub.sid}.json`,
    });
    own = clientOf({ sid: sub.sid, token: sub.authToken });
    planThere = (await own.wireless.v1.ratePlans.create({ uniqueName: 'over there' })).sid;
  });

  const [untouched] = (await sims.list({ status: 'new' })).filter((sim) => sim.ratePlanSid === null && sim.uniqueName === null);
  const { sid } = untouched;
  const self = `${url}/v1/Sims/${sid}`;
  const links = { data_sessions: `${self}/DataSessions`, usage_records: `${self}/UsageRecords` };
  const kinds = ['commandsCallback', 'smsFallback', 'sms', 'voiceFallback', 'voice'];
  const ofEach = (what, value) => Object.fromEntries(kinds.map((kind) => [`${kind}${what}`, value]));
  let sim = {
    sid, uniqueName: null, accountSid: master.sid, ratePlanSid: null, friendlyName: null, iccid: untouched.iccid, eId: untouched.eId,
    status: 'new', resetStatus: null, ...ofEach('Method', 'POST'), ...ofEach('Url', null), url: self, links, ipAddress: null,
  };
  const settled = async (status) => {
    is(await until(`status ${status}`, () => sims(sid).fetch(), (now) => now.status === status), { ...sim, status });
    sim = { ...sim, status };
  };
  /** Asks for another status, which is the carrier's to say: until then the SIM is updating. */
  const change = async (status, parameters = {}) => {
    await whileFrozen(async () => is(await sims(sid).update({ status, ...parameters }), { ...sim, status: 'updating' }));
    await settled(status);
  };
  const told = async (status, method) => assert.deepEqual(
    await receiver.next(status, { ...master, method }), { SimSid: sid, SimUniqueName: 'gate 7', SimStatus: status, story: '1' });

  await step('an untouched SIM, and every property that can be set', async () => {
    is(untouched, sim);
    const given = {
      uniqueName: 'gate 7', friendlyName: 'Gate — north', ...ofEach('Method', 'GET'), ...ofEach('Url', 'https://example.com/hook?a=1'),
      commandsCallbackUrl: `${receiver.origin}/device`, commandsCallbackMethod: 'POST',
    };
    sim = { ...sim, ...given };
    is(await sims(sid).update(given), sim);
    is(await sims('gate 7').fetch(), sim);
    sim = { ...sim, ratePlanSid: plan.sid, links: { ...links, rate_plan: plan.url } };
    is(await sims(sid).update({ ratePlan: planned.uniqueName }), sim);
  });

  await step('it moves to the subaccount and back', async () => {
    const rate_plan = `${url}/v1/RatePlans/${planThere}`;
    const there = { ...sim, accountSid: sub.sid, ratePlanSid: planThere, links: { ...links, rate_plan } };
    is(await sims(sid).update({ accountSid: sub.sid, ratePlan: 'over there' }), there);
    is(await own.wireless.v1.sims('gate 7').fetch(), there);
    is(await sims(sid).update({ accountSid: master.sid, ratePlan: plan.sid }), sim);
    await refused(own.wireless.v1.sims(sid).fetch(), 404, 20404);
  });

  await step('it becomes ready', async () => {
    await change('ready', { callbackUrl: `${receiver.origin}/ready?story=1` });
    await told('ready', 'POST');
    const resetting = await whileFrozen(() => sims(sid).update({ resetStatus: 'resetting' }));
    is(resetting, { ...sim, resetStatus: 'resetting' });
    await until('the end of the reset', () => sims(sid).fetch(), ({ resetStatus }) => resetStatus === null);
  });

  let sent;
  await step('Commands go both ways, and each is told of by its callback', async () => {
    const simple = { accountSid: master.sid, simSid: sid, commandMode: 'text', transport: 'sms', deliveryReceiptRequested: true };
    const made = async (parameters, expected) => {
      const command = await whileFrozen(() => commands.create({ sim: 'gate 7', ...parameters }));
      assert.ok(sidLike('DC')(command.sid));
      const identity = { sid: command.sid, url: `${url}/v1/Commands/${command.sid}` };
      is(command, { ...simple, direction: 'to_sim', status: 'queued', ...identity, ...expected });
      return { ...simple, direction: 'to_sim', ...identity, ...expected };
    };
    const ends = async ({ sid: CommandSid, command, commandMode, direction }, status, method) => {
      assert.deepEqual(await receiver.next(`a Command that is ${status}`, { ...master, method }), {
        CommandSid, SimSid: sid, SimUniqueName: 'gate 7', Command: command, CommandMode: commandMode, CommandStatus: status, Status: status,
        Direction: direction,
      });
      return (await commands(CommandSid).fetch());
    };
    const text = await made({ command: 'open', callbackUrl: `${receiver.origin}/text`, includeSid: 'end' }, { command: 'open' });
    is(await ends(text, 'delivered', 'POST'), { ...text, status: 'delivered' });
    const bytes = { command: 'AAH/', commandMode: 'binary', deliveryReceiptRequested: false };
    const binary = await made({ ...bytes, callbackUrl: `${receiver.origin}/binary`, callbackMethod: 'GET' }, bytes);
    is(await ends(binary, 'sent', 'GET'), { ...binary, status: 'sent' });
    const { sid: spoken } = await operate('commands/inbound', { sim: sid, command: 'opened', mode: 'text' });
    const said = { ...simple, sid: spoken, command: 'opened', direction: 'from_sim', url: `${url}/v1/Commands/${spoken}` };
    sent = (await commands.list({ sim: 'gate 7' })).map((command) => command.sid);
    assert.deepEqual(sent, [spoken, binary.sid, text.sid]);
    const heard = await ends(said, 'received', 'POST');
    is(heard, { ...said, status: 'received', deliveryReceiptRequested: heard.deliveryReceiptRequested });
  });

  const start = seconds(Date.now() - 3_600_000);
  const at = seconds(Date.now() - 60_000);
  await step('250 KB make it active', async () => {
    const home = { sim: sid, session: 'home', start, radio: 'LTE', imei: '490154203237518', mcc: '001', mnc: '01' };
    const abroad = { sim: sid, session: 'abroad', start, at, end: at, mcc: '704', mnc: '01', uploadedBytes: 1_000, downloadedBytes: 9_000 };
    const report = async (...reports) => assert.deepEqual(await operate('usage', reports), { taken: reports.length, refused: [] });
    await report(abroad, { ...home, at: start, uploadedBytes: 40_000, downloadedBytes: 199_999 });
    assert.equal((await sims(sid).fetch()).status, 'ready');
    await report({ ...home, at, uploadedBytes: 40_000, downloadedBytes: 200_000 });
    await settled('active');
    await told('active', 'POST');
  });

  await step('it is suspended, active again, deactivated, and canceled three days later', async () => {
    await change('suspended', { callbackUrl: `${receiver.origin}/suspended?story=1`, callbackMethod: 'GET' });
    await told('suspended', 'GET');
    await change('active');
    await change('deactivated', { callbackUrl: `${receiver.origin}/deactivated?story=1` });
    await told('deactivated', 'POST');
    await refused(ratePlans(plan.sid).remove(), 409, 20409);
    await operate('clock/advance', { by: '72h' });
    await settled('canceled');
    await told('canceled', 'POST');
    await refused(sims(sid).update({ status: 'active' }), 400, 33105);
  });

  await step('Monitor has an event of each step', async () => {
    const status = (previous, updated) => ({ status: { previous, updated } });
    const rate_plan_sid = (previous, updated) => ({ rate_plan_sid: { previous, updated } });
    const [byAccount, byItself] = [true, false];
    const moves = [[byAccount, rate_plan_sid(plan.sid, planThere)], [byAccount, rate_plan_sid(planThere, plan.sid)]];
    const steps = [
      [byAccount, {}], // names and URLs
      [byAccount, rate_plan_sid(null, plan.sid)],
      ...moves, // both owners are told of each
      [byAccount, status('new', 'ready')],
      [byAccount, {}], // the reset
      [byItself, status('ready', 'active')],
      [byAccount, status('active', 'suspended')],
      [byAccount, status('suspended', 'active')],
      [byAccount, status('active', 'deactivated')],
      [byItself, status('deactivated', 'canceled')],
    ];
    const resource = { resourceSid: sid, resourceType: 'wireless-sim', eventType: 'wireless-sim.updated', description: null };
    const expected = (accountSid) => ([ofAccount, properties]) => ({
      ...resource,
      accountSid,
      eventData: { resource_properties: properties },
      ...(ofAccount
        ? { source: 'api', sourceIpAddress: '127.0.0.1', actorType: 'account', actorSid: master.sid }
        : { source: 'twilio', sourceIpAddress: null, actorType: 'twilio-admin', actorSid: null }),
      links: { resource: self, ...(ofAccount && { actor: `${url}/2010-04-01/Accounts/${master.sid}` }) },
    });
    /** Oldest first, without what differs from one event to the next. */
    const read = async (of) => (await of.monitor.v1.events.list({ resourceSid: sid })).reverse().map((event) => {
      const { sid: id, url: address, eventDate, ...others } = event.toJSON();
      assert.ok(sidLike('AE')(id) && address === `${url}/v1/Events/${id}` && aDate(eventDate), address);
      return others;
    });
    assert.deepEqual(await read(client), steps.map(expected(master.sid)));
    assert.deepEqual(await read(own), moves.map(expected(sub.sid)));
  });

  await step('its usage', async () => {
    const counted = (total, from_sim, to_sim) => ({ billing_units: 'USD', billed: 0, total, from_sim, to_sim });
    const used = (upload, download) => ({ billing_units: 'USD', billed: 0, total: upload + download, upload, download, units: 'bytes' });
    const both = {
      commands: { ...counted(3, 1, 2), home: counted(3, 1, 2), national_roaming: counted(0, 0, 0), international_roaming: [] },
      data: {
        ...used(41_000, 209_000), home: used(40_000, 200_000), national_roaming: used(0, 0),
        international_roaming: [{ country_code: 'GTM', ...used(1_000, 9_000) }],
      },
    };
    const ofAccount = { accountSid: master.sid };
    for (const [list, who] of [[sims(sid).usageRecords, { ...ofAccount, simSid: sid }], [usageRecords, ofAccount]]) {
      const [{ period, ...record }, ...more] = (await list.list()).map((one) => one.toJSON());
      assert.deepEqual([record, more], [{ ...who, ...both }, []]);
      assert.ok(Date.parse(period.start) < Date.parse(period.end), JSON.stringify(period));
    }
  });

  await step('its data sessions', async () => {
    const sessions = (await sims(sid).dataSessions.list()).map((session) => session.toJSON());
    const found = (mcc) => sessions.find((session) => session.operatorMcc === mcc) ?? assert.fail(`no session in ${mcc}`);
    const known = {
      simSid: sid, accountSid: master.sid, operatorMnc: '01', operatorName: null, cellId: null, cellLocationEstimate: null,
      lastUpdated: at, start,
    };
    assert.equal(sessions.length, 2);
    assert.ok(sessions.every((session) => sidLike('WN')(session.sid)));
    assert.deepEqual(found('001'), {
      ...known, sid: found('001').sid, operatorMcc: '001', operatorCountry: null, radioLink: 'LTE', imei: '490154203237518',
      packetsUploaded: 40_000, packetsDownloaded: 200_000, end: null,
    });
    assert.deepEqual(found('704'), {
      ...known, sid: found('704').sid, operatorMcc: '704', operatorCountry: 'GTM', radioLink: null, imei: null,
      packetsUploaded: 1_000, packetsDownloaded: 9_000, end: at,
    });
  });

  await step('what is no longer needed is removed', async () => {
    for (const command of sent) assert.equal(await commands(command).remove(), true);
    assert.deepEqual(await commands.list({ sim: sid }), []);
    assert.equal(await ratePlans(plan.sid).remove(), true);
    await refused(ratePlans(plan.sid).fetch(), 404, 20404);
  });

  await step('the subaccount is suspended and closed', async () => {
    for (const [status, code, refusal] of [['suspended', 403, 20403], ['closed', 401, 20003]]) {
      is(await accounts(sub.sid).update({ status }), { ...withoutDates(sub.toJSON()), status });
      await refused(own.wireless.v1.sims.list(), code, refusal);
    }
    assert.equal((await accounts(sub.sid).fetch()).status, 'closed');
  });

  receiver.stop();
});
