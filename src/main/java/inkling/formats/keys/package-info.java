/**
 * Keys of config.json that several families share: which are known, rope settings and windows in their old and new forms, our own section.
 * Start with {@link inkling.formats.keys.KnownKeys}; a key is read, known to be harmless, or refused by name.
 * It must not know any family.
 */
package inkling.formats.keys;
