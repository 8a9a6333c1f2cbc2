import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { createLogger, requestLogger } from '../../src/server/logger.js';

it('keeps the bytes of a request that cannot be read out of the log', async () => {
  const lines: string[] = [];
  const logger = requestLogger(createLogger({ logLevel: 'trace' }, { write: (line) => void lines.push(line) }));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nx-api-key: secret\r\nno header\r\n\r\n');

  const [err, peer] = await once(server, 'clientError');
  // As Fastify does.
  logger.trace({ err }, 'client error');
  peer.destroy();
  socket.destroy();
  server.close();

  expect(Buffer.from(err.rawPacket).toString()).toContain('secret');
  expect(JSON.parse(lines[0]!).err).toMatchObject({ code: 'HPE_INVALID_HEADER_TOKEN' });
  expect(lines[0]).not.toContain('rawPacket');
});
