// Whoever the messages go to. The first part of a path says how it answers.
import { once } from 'node:events';
import { createServer } from 'node:http';

const answers = { ok: [200, 'thank you'], gone: [410, 'no such hook'], broken: [500, 'out of order'], moved: [302, ''] };

/** The port stands in the stored URLs; the tests send what goes there to a receiver of their own. */
const port = 8099;

export async function receive() {
  const state = { url: `http://127.0.0.1:${port}`, failing: false, received: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { headers } = request;
    state.received.push({
      token: headers['webhook-id'] ?? headers['kore-idempotency-token'],
      method: request.method,
      target: request.url,
      type: headers['content-type'],
      authorization: headers.authorization,
      body: Buffer.concat(chunks).toString('utf8'),
    });
    const name = request.url.split(/[/?]/)[1];
    const [status, text] = state.failing ? [503, 'not now'] : state.mild ? answers.ok : (answers[name] ?? answers.ok);
    response.writeHead(status, status === 302 ? { location: `${state.url}/ok` } : {}).end(text);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, { close: () => server.close() });
}
