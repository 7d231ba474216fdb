// Rate plans and Commands, through Twilio's own SDK for Node.
import assert from 'node:assert/strict';
import { sandbox, step, tell, until, url, whileFrozen } from './story.mjs';
import { aDate, aUrl, clientOf, refused, sidLike } from './twilio-client.mjs';

const { master, subaccount } = sandbox;
const { sims, ratePlans, commands } = clientOf(master).wireless.v1;
const ofSubaccount = clientOf(subaccount).wireless.v1;
const sidsOf = (list) => list.map(({ sid }) => sid);

/** The properties of an instance that are not its identity. */
function told({ sid, accountSid, dateCreated, dateUpdated, url: self, ...properties }, prefix, list) {
  assert.ok(sidLike(prefix)(sid), sid);
  assert.equal(accountSid, master.sid);
  assert.ok(aDate(dateCreated) && aDate(dateUpdated) && aUrl(self), 'dates and url');
  assert.equal(self, `${url}/v1/${list}/${sid}`);
  return properties;
}

await tell(async () => {
  const properties = {
    uniqueName: 'story plan',
    friendlyName: 'All of it',
    dataEnabled: true,
    dataMetering: 'payg',
    dataLimit: 2_000_000,
    messagingEnabled: true,
    voiceEnabled: true,
    nationalRoamingEnabled: true,
    nationalRoamingDataLimit: 500,
    internationalRoaming: ['data', 'messaging'],
    internationalRoamingDataLimit: 50,
  };
  let plan;

  await step('a plan is made with every property and fetched by sid and name', async () => {
    plan = await ratePlans.create({ ...properties, dataLimitStrategy: 'block' });
    for (const found of [plan, await ratePlans(plan.sid).fetch(), await ratePlans(properties.uniqueName).fetch()])
      assert.deepEqual(told(found.toJSON(), 'WP', 'RatePlans'), properties);
    await refused(ratePlans.create({ uniqueName: properties.uniqueName }), 400, 33101);
    await refused(ratePlans.create({ dataLimit: 2_000_001 }), 400, 33101);
    await refused(ratePlans('no such plan').fetch(), 404, 20404);
    await refused(ofSubaccount.ratePlans(plan.sid).fetch(), 404, 20404);
  });

  await step('plans are listed newest first, and only their names change', async () => {
    const other = await ratePlans.create({ messagingEnabled: false });
    assert.deepEqual(sidsOf(await ratePlans.list()), [other.sid, plan.sid, master.plan]);
    assert.deepEqual(sidsOf(await ratePlans.list({ pageSize: 1 })), [other.sid, plan.sid, master.plan]);
    const renamed = await ratePlans(plan.sid).update({ uniqueName: 'renamed', friendlyName: '' });
    assert.deepEqual(told(renamed.toJSON(), 'WP', 'RatePlans'), { ...properties, uniqueName: 'renamed', friendlyName: null });
    assert.equal(await ratePlans(other.sid).remove(), true);
    await refused(ratePlans(other.sid).fetch(), 404, 20404);
  });

  const [fresh, idle] = await sims.list({ status: 'new', limit: 2 });
  const { sid: sim } = fresh;
  await step('a plan that a SIM has is not removed', async () => {
    await sims(sim).update({ status: 'ready', ratePlan: 'renamed' });
    await refused(ratePlans('renamed').remove(), 409, 20409);
    await until('status ready', () => sims(sim).fetch(), ({ status }) => status === 'ready');
    await refused(ratePlans('renamed').remove(), 409, 20409);
  });

  await step('a Command is queued, sent and delivered', async () => {
    await whileFrozen(async () => {
      const command = await commands.create({ sim, command: 'on' });
      assert.deepEqual(told(command.toJSON(), 'DC', 'Commands'), {
        simSid: sim, command: 'on', commandMode: 'text', transport: 'sms', deliveryReceiptRequested: true, status: 'queued', direction: 'to_sim',
      });
      await until('status sent', () => commands(command.sid).fetch(), ({ status }) => status === 'sent');
    });
    const [command] = await commands.list({ sim, limit: 1 });
    await until('status delivered', () => commands(command.sid).fetch(), ({ status }) => status === 'delivered');
  });

  await step('a binary one without a receipt ends at sent', async () => {
    const body = btoa('\x00\x01\xff');
    const command = await commands.create({
      sim, command: body, commandMode: 'binary', deliveryReceiptRequested: false, includeSid: 'none',
      callbackUrl: 'http://127.0.0.1:9/nobody', callbackMethod: 'POST',
    });
    assert.deepEqual([command.command, command.commandMode, command.deliveryReceiptRequested], [body, 'binary', false]);
    await until('status sent', () => commands(command.sid).fetch(), ({ status }) => status === 'sent');
  });

  await step('a Command needs a SIM in service and a body of one SMS', async () => {
    await refused(commands.create({ command: 'on' }), 400, 33102);
    await refused(commands.create({ sim: `DE${'f'.repeat(32)}`, command: 'on' }), 404, 33107);
    await refused(commands.create({ sim: idle.sid, command: 'on' }), 400, 33104);
    await refused(commands.create({ sim, command: 'x'.repeat(161) }), 400, 33101);
    await refused(commands.create({ sim, command: 'x'.repeat(129), includeSid: 'start' }), 400, 33101);
  });

  await step('filters list the Commands they name, and a removed one is gone', async () => {
    const all = await commands.list({ sim });
    assert.equal(all.length, 2);
    assert.deepEqual(sidsOf(await commands.list({ sim, pageSize: 1 })), sidsOf(all));
    assert.deepEqual(sidsOf(await commands.list({ sim, status: 'delivered' })), [all[1].sid]);
    assert.deepEqual(sidsOf(await commands.list({ sim, direction: 'to_sim', transport: 'sms' })), sidsOf(all));
    for (const nothing of [{ direction: 'from_sim' }, { transport: 'ip' }, { status: 'failed' }])
      assert.deepEqual(await commands.list({ sim, ...nothing }), [], JSON.stringify(nothing));
    assert.deepEqual(await ofSubaccount.commands.list(), []);
    assert.equal(await commands(all[0].sid).remove(), true);
    await refused(commands(all[0].sid).fetch(), 404, 20404);
    await refused(ofSubaccount.commands(all[1].sid).fetch(), 404, 20404);
  });

  await step('the fifth Command makes the SIM active', async () => {
    assert.equal((await sims(sim).fetch()).status, 'ready');
    for (let i = 0; i < 3; i++) await commands.create({ sim, command: `${i}` });
    await until('status active', () => sims(sim).fetch(), ({ status }) => status === 'active');
  });
});
