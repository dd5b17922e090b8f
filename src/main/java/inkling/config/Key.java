package inkling.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component as a key of the run file, or of our section in config.json, named in snake_case: {@code nEmbd} becomes {@code
 * n_embd}. The reader, the writer and the reference page of the run file are derived from the records. So a new key needs only a component
 * with this annotation.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** One line for the reference page. */
    String doc();

    /** The default, written in YAML and read by the same strict rules as a run file; "" = no default, the key is required. */
    String def() default "";

    /** Names that other programs have for this key, e.g. {@code block_size}. If a run file has one of them, the error suggests this key. */
    String[] elsewhere() default {};

    /** Whether {@link RecordWriter} leaves the key out while it has its default value; for keys that few runs need. */
    boolean onlyIfSet() default false;
}
