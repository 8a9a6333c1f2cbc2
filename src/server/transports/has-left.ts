import type { FastifyReply } from 'fastify';

/**
 * Whether the client has left. Both are checked: a response is closed a moment after its socket, when writing to it fails already; and a
 * response that waits for another one of the same connection has no socket of its own yet.
 */
export const hasLeft = ({ raw, request }: FastifyReply): boolean => raw.destroyed || request.raw.socket.destroyed;
