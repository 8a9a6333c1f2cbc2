/** The form of ids in the database, as text. */
export const identity = /^\d{1,18}$/;
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
