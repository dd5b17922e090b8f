/**
 * What families share in config.json: the known keys, rope settings and windows in their old and new forms, and our own section.
 * Start with {@link inkling.formats.keys.KnownKeys}. Each key is read, known to be harmless, turned off by its value, or refused by
 * name.
 * It must not know any family.
 */
package inkling.formats.keys;
