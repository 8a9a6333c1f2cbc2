import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { FastifyServerOptions } from 'fastify';
import { ClvError } from '../../errors.js';
import type { FormatError } from '../errors.js';

type Handler = NonNullable<FastifyServerOptions['clientErrorHandler']>;

/** By Node's codes. */
const answers: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    `The address and the headers are longer than ${maxHeaderSize / 1024} KiB together. Send a long query as the body of a POST.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive. Send it again.'],
};
const otherAnswer = [400, 'This is no request of HTTP/1.1, or a damaged one. TLS (https) is not spoken here.'] as const;

/**
 * Answers what Node cannot read as a request, as Fastify does, but in the form of all failures.
 * @param corsOrigins whose pages may read answers
 */
export function refuseUnreadable(formatError: FormatError, corsOrigins: readonly string[]): Handler {
  const readable = readableBy(corsOrigins);
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const [status, message] = answers[error.code] ?? otherAnswer;
    const body = JSON.stringify({ errors: [formatError(new ClvError('BAD_USER_INPUT', message))] });
    if (socket.writable) {
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${readable}Content-Type: application/json; charset=utf-8`;
      socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
    }
    socket.destroy(error);
  };
}

/** The header of CORS. Which origin asks cannot be told here, and a header can name one only: of several, none can read these answers. */
function readableBy(corsOrigins: readonly string[]): string {
  const origin = corsOrigins.includes('*') ? '*' : corsOrigins.length === 1 ? corsOrigins[0] : undefined;
  return origin ? `Access-Control-Allow-Origin: ${origin}\r\n` : '';
}
