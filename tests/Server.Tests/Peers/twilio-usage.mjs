// Usage and data sessions, read through Twilio's own SDK for Node.
import assert from 'node:assert/strict';
import { operate, sandbox, step, tell } from './story.mjs';
import { clientOf, refused } from './twilio-client.mjs';

const { sid } = sandbox.master;
const wireless = clientOf(sandbox.master).wireless.v1;
const hour = 3_600_000;

const report = async (...reports) => assert.deepEqual(await operate('usage', reports), { taken: reports.length, refused: [] });

await tell(async () => {
  const [sim] = await wireless.sims.list({ limit: 1 });
  const usageOf = (parameters) => wireless.sims(sim.sid).usageRecords.list(parameters);
  const end = new Date(Math.floor(Date.now() / 1000) * 1000);
  const start = new Date(end.getTime() - 5 * hour);
  const session = { sim: sim.sid, session: 'sdk', start };

  await step('a network reports a session at home and one abroad', () => report(
    { ...session, at: new Date(start.getTime() + hour), uploadedBytes: 100, downloadedBytes: 1000 },
    { ...session, at: end, uploadedBytes: 300, downloadedBytes: 5000, radio: 'LTE', imei: '490154203237518' },
    { ...session, session: 'abroad', at: end, end, uploadedBytes: 7, downloadedBytes: 70, mcc: '704', mnc: '01' },
  ));

  await step('all of it is one record whose parts add up', async () => {
    const [record, ...more] = await usageOf();
    assert.deepEqual(more, []);
    assert.deepEqual([record.accountSid, record.simSid], [sid, sim.sid]);
    const { data, commands } = record;
    assert.deepEqual([data.upload, data.download, data.total, data.units], [307, 5070, 5377, 'bytes']);
    assert.equal(data.home.total + data.national_roaming.total + data.international_roaming[0].total, data.total);
    assert.deepEqual([data.international_roaming[0].country_code, data.international_roaming[0].total], ['GTM', 77]);
    assert.equal(commands.total, 0);
    assert.deepEqual(commands.international_roaming, []);
  });

  await step('hours and days, over many pages, come to the same', async () => {
    for (const granularity of ['hourly', 'daily']) {
      const records = await usageOf({ granularity, start: new Date(end.getTime() - 48 * hour), pageSize: 7 });
      assert.ok(records.length >= (granularity === 'hourly' ? 49 : 3));
      assert.equal(records.reduce((sum, record) => sum + record.data.total, 0), 5377);
      records.forEach((record, i) => assert.ok(i === 0 || record.period.end === records[i - 1].period.start, 'a gap'));
    }
  });

  await step("the account's usage has it too", async () => {
    const [record] = await wireless.usageRecords.list();
    assert.equal(record.accountSid, sid);
    assert.ok(record.data.total >= 5377);
  });

  await step('the sessions are listed with what is known of them', async () => {
    const sessions = await wireless.sims(sim.sid).dataSessions.list();
    const home = sessions.find((one) => one.imei === '490154203237518');
    assert.deepEqual([home.packetsUploaded, home.packetsDownloaded, home.radioLink, home.end], [300, 5000, 'LTE', null]);
    assert.deepEqual(home.start, new Date(Math.floor(start / 1000) * 1000));
    const abroad = sessions.find((one) => one.operatorMcc === '704');
    assert.deepEqual([abroad.operatorCountry, abroad.end], ['GTM', end]);
    assert.match(abroad.sid, /^WN[0-9a-f]{32}$/);
  });

  await step('a wrong granularity is 400/33101', () => refused(usageOf({ granularity: 'weekly' }), 400, 33101));
});
