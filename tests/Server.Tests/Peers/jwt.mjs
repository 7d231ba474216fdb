// An access token is what other JWT libraries make of one: the signature holds, under no other key, and under no other algorithm.
import assert from 'node:assert/strict';
import jwt from 'jsonwebtoken';
import { step, tell } from './story.mjs';

const { TOKEN: token, KEY: key } = process.env;

await tell(async () => {
  await step('the signature holds', () => {
    const claims = jwt.verify(token, key, { algorithms: ['HS256'], issuer: 'simkeeper' });
    assert.match(claims.sub, /^cli_[0-9A-Za-z]{22}$/);
    assert.match(claims.account, /^AC[0-9a-f]{32}$/);
    assert.equal(claims.exp - claims.iat, 300);
  });
  await step('another key or algorithm does not', () => {
    assert.throws(() => jwt.verify(token, `${key}x`, { algorithms: ['HS256'] }), jwt.JsonWebTokenError);
    assert.throws(() => jwt.verify(token, key, { algorithms: ['HS512'] }), jwt.JsonWebTokenError);
  });
});
