import type { Plant } from './plant.ts';

export const deleteNotTombstone: Plant = {
  name: 'delete-not-tombstone',
  what: 'The document of a freed identifier is deleted: an older one that comes late is taken for new.',
  invariants: ['I4', 'I6'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/search-cluster.ts',
      find: '  if (standing === undefined || standing.version < document.version) index.set(id, document);',
      replace: `  if (standing !== undefined && standing.version >= document.version) return;
  if ('state' in document && document.state === 'free') index.delete(id);
  else index.set(id, document);`,
    },
  ],
};
