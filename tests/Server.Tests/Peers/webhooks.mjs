// Verifies webhooks as they arrived with the libraries that receivers use. Reads a file of [{"secrets", "headers", "body"}].
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Webhook as Standard } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';

const webhooks = JSON.parse(await readFile(process.argv[2], 'utf8'));
assert.ok(webhooks.length > 0, 'there is nothing to verify');
const foreign = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
for (const { secrets, headers, body } of webhooks) {
  for (const [name, Library] of [['svix', Svix], ['standardwebhooks', Standard]]) {
    for (const secret of secrets) new Library(secret).verify(body, headers);
    assert.equal(JSON.parse(body).id, headers['webhook-id']);
    const one = new Library(secrets[0]);
    assert.throws(() => new Library(foreign).verify(body, headers), `${name} takes another secret`);
    assert.throws(() => one.verify(body.replace('"event"', '"Event"'), headers), `${name} takes another body`);
    assert.throws(() => one.verify(body, { ...headers, 'webhook-id': 'evt_0' }), `${name} takes another id`);
    assert.throws(() => one.verify(body, { ...headers, 'webhook-timestamp': '1700000000' }), `${name} takes another time`);
  }
  console.log(`ok ${headers['webhook-id']} under ${secrets.length} secret(s)`);
}
