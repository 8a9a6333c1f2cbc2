import type { Customer } from '../../entities/index.js';
import type { Services } from '../services.js';
import { loaderById } from './loader-by-id.js';

export const createCustomerByIdLoader = ({ customers }: Services) =>
  loaderById<Customer>((ids) => customers.findMany(ids));
