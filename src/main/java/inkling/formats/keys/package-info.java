/**
 * What families share in config.json: the known keys, rope settings and windows in their old and new forms, and our own section.
 * Start with {@link inkling.formats.keys.KnownKeys}. A key is read, or known to be harmless, or has a value that stands for off (null,
 * false, an empty list); any other key is refused by name. This package must not use the package {@code family}; only the messages of
 * {@link inkling.formats.keys.UnknownFamily} name families: those that are not supported.
 */
package inkling.formats.keys;
