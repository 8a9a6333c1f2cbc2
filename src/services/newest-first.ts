import type { FindOptionsWhere, Repository } from 'typeorm';
import { decodeCursor, type Page, pageOf, type PageRequest } from './paging.js';

/** A page of records whose ids ascend, newest first. @throws ClvError BAD_USER_INPUT for a cursor of another list */
export async function newestFirst<Row extends { id: string }>(
  repository: Repository<Row>,
  request: PageRequest,
  where: FindOptionsWhere<Row> = {},
): Promise<Page<Row>> {
  const [before] = decodeCursor(request.after, ['id']) ?? [];
  const query = repository.createQueryBuilder('record').where(where);
  if (before !== undefined) query.andWhere('record.id < :before', { before });
  const rows = await query
    .orderBy('record.id', 'DESC')
    .take(request.first + 1)
    .getMany();
  return pageOf(rows, request, ({ id }) => [id]);
}
