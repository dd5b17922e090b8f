package inkling.formats.family;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFormatTest {
    /** The list of all families makes one object of each. If a family needed that list first, neither could be initialised. */
    @Test
    void anyFamilyMayBeTheFirstClassThatIsUsed() throws IOException {
        List<URL> classes = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
            classes.add(Path.of(part).toUri().toURL());
        }
        for (ModelFormat family : ModelFormat.ALL) {
            String name = family.getClass().getName();
            try (URLClassLoader fresh = new URLClassLoader(classes.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                assertDoesNotThrow(() -> Class.forName(name, true, fresh).getConstructor().newInstance(), name);
            }
        }
    }
}
