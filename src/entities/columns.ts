import { Column, CreateDateColumn, PrimaryGeneratedColumn, UpdateDateColumn, type ColumnOptions } from 'typeorm';

/** Database identity column. A bigint, so a string in JavaScript. */
export const Identity = () => PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' });

/** Reference to an `Identity` column of another table. */
export const Reference = (options: ColumnOptions = {}) => Column({ type: 'bigint', ...options });

/** Exact decimal money in the order's currency. A string in JavaScript. */
export const Money = (options: ColumnOptions = {}) => Column({ type: 'numeric', precision: 18, scale: 4, ...options });

export const Instant = (options: ColumnOptions = {}) => Column({ type: 'timestamptz', ...options });

export const Text = (options: ColumnOptions = {}) => Column({ type: 'text', ...options });

export const Json = (options: ColumnOptions = {}) => Column({ type: 'jsonb', ...options });

export const CreatedAt = () => CreateDateColumn({ type: 'timestamptz' });

export const UpdatedAt = () => UpdateDateColumn({ type: 'timestamptz' });
