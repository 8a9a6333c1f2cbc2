import type { FastifyReply } from 'fastify';

/**
 * Whether the client is gone. The response is closed a moment after its socket, by which a write to it fails; one that waits behind
 * another of its connection has no socket yet.
 */
export const hasLeft = ({ raw, request }: FastifyReply): boolean => raw.destroyed || request.raw.socket.destroyed;
