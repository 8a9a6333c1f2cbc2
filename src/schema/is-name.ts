import { ValidateBy } from 'class-validator';

/** Names may not differ only by spaces around them. @param longest characters */
export const IsName = (longest: number): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isName',
      validator: {
        validate: (value) =>
          typeof value === 'string' && value !== '' && value.length <= longest && value === value.trim(),
      },
    },
    { message: `must have 1 to ${longest} characters, without white space at its ends` },
  );
