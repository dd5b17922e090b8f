/**
 * Reads records from YAML and JSON and writes them, with defaults, and with suggestions for misspelled keys. A record describes its keys
 * ({@link inkling.config.Key}); {@link inkling.config.RecordReader} (start here) and {@link inkling.config.RecordWriter} turn trees of
 * {@link inkling.config.Node} into records and back.
 * It must not know any record in particular.
 */
package inkling.config;
