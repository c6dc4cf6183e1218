/** The schema of a database cluster's control tables: `control_c0`. */
export const controlSchema = (databaseCluster: string): string => `control_${databaseCluster}`;

export const journalSchema = 'journal';
