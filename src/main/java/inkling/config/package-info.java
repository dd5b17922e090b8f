/**
 * Reads records from YAML and JSON, and writes them. The reader fills in defaults, and suggests keys for misspelled ones.
 * A record describes its keys ({@link inkling.config.Key}). {@link inkling.config.RecordReader} (start here) turns trees of
 * {@link inkling.config.Node} into records, {@link inkling.config.RecordWriter} turns records into trees.
 * This package must not know any record in particular.
 */
package inkling.config;
