package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The operators that libtorch ran, as its own profiler records them: also those in kernels or autograd, which create no array in Java. */
public final class Operators {
    private Operators() {}

    /**
     * One call of an operator.
     *
     * @param name e.g. {@code aten::linear}
     * @param shapes the arguments' shapes; an empty one for an argument that is no array
     */
    public record Call(String name, List<List<Integer>> shapes) {}

    /** The operators that {@code work} calls, on this thread. */
    public static List<Call> of(Runnable work) throws IOException {
        Path file = Files.createTempFile("operators", ".json");
        try {
            JniUtils.startProfile(false, true, false);
            try {
                work.run();
            } finally {
                JniUtils.stopProfile(file.toString());
            }
            List<Call> calls = new ArrayList<>();
            for (JsonNode event : new ObjectMapper().readTree(file.toFile())) {
                List<List<Integer>> shapes = new ArrayList<>();
                for (JsonNode shape : event.path("shape")) {
                    List<Integer> sizes = new ArrayList<>();
                    shape.forEach(size -> sizes.add(size.intValue()));
                    shapes.add(sizes);
                }
                calls.add(new Call(event.path("name").asText(), shapes));
            }
            return calls;
        } finally {
            Files.delete(file);
        }
    }
}
