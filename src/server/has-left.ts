import type { FastifyReply } from 'fastify';

/** Whether the client is gone. The response is closed a moment after its socket, by which a write to it fails. */
export const hasLeft = ({ raw }: FastifyReply): boolean => raw.destroyed || raw.socket?.destroyed === true;
