package inkling.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A record component that is a key of the run file: {@code nEmbd} is {@code n_embd}. The reader, the writer and the
 * reference page of the run file all follow from the records; a new key is a component with this annotation.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** One line for the reference page. */
    String doc();

    /** The value where the key is left out, as YAML, read by the same strict rules; "" = the key is required. */
    String def() default "";

    /** Whether a written file leaves the key out where it has its default: for keys that few runs need. */
    boolean onlyIfSet() default false;
}
