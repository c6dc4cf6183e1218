import { identifierFields } from '../requests.ts';

interface Described {
  readonly paths: {
    readonly '/v1/members/{memberId}/bindings/{field}': {
      readonly delete: { readonly parameters: readonly { readonly name: string; readonly schema: object }[] };
    };
  };
  readonly components: {
    readonly schemas: {
      readonly Account: { readonly properties: { readonly platform: object } };
      readonly RegisterMember: { readonly properties: { readonly accounts: object } };
    };
  };
}

/** The description of a deployment with these platforms, as `describeApi` would make it anew. */
export function describedFor<Document extends Described>(
  written: Document,
  platforms: readonly string[],
): Document {
  const document = structuredClone(written);
  const { Account, RegisterMember } = document.components.schemas;
  Object.assign(Account.properties.platform, { enum: platforms });
  Object.assign(RegisterMember.properties.accounts, { maxItems: platforms.length });
  const { parameters } = document.paths['/v1/members/{memberId}/bindings/{field}'].delete;
  const field = parameters.find(({ name }) => name === 'field');
  if (field) Object.assign(field.schema, { enum: identifierFields(platforms) });
  return document;
}
