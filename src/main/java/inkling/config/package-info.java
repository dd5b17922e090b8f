/**
 * Records ↔ YAML and JSON: keys, defaults, did-you-mean. A record describes its keys ({@link inkling.io.Key});
 * {@link inkling.config.RecordReader} and {@link inkling.config.RecordWriter} turn trees of {@link inkling.config.Node} into records and
 * back. Knows no record in particular.
 */
package inkling.config;
