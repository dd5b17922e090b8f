package inkling.io.gguf;

import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.gguf.GgufWriter.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes GGUF files as another program might have written them. */
public final class GgufEdit {
    private GgufEdit() {}

    /** Copies {@code from} to {@code to} with changed keys. All tensors become F32. */
    public static Path keys(Path from, Path to, Consumer<Map<String, GgufValue>> change) {
        return edit(from, to, change, tensors -> { });
    }

    /** Copies {@code from} as {@link #keys} does, without the keys that Inkling alone writes, and without the stored tokenizer.json. */
    public static Path foreign(Path from, Path to) {
        return keys(from, to, keys -> keys.keySet().removeIf(key -> key.startsWith("inkling.")
            || key.equals("tokenizer.huggingface.json")));
    }

    public static Path edit(Path from, Path to, Consumer<Map<String, GgufValue>> change, Consumer<Map<String, Entry>> tensors) {
        try (GgufFile file = GgufFile.open(from)) {
            Map<String, GgufValue> keys = new LinkedHashMap<>(file.metadata().values());
            change.accept(keys);
            Map<String, Entry> entries = new LinkedHashMap<>();
            file.tensors().forEach((name, tensor) -> entries.put(name, new Entry(name, GgufType.F32, tensor.shape(), 0,
                Content.of(bytes(file, name)))));
            tensors.accept(entries);
            DurableFiles.SYSTEM.write(to, GgufWriter.content(keys, new ArrayList<>(entries.values())));
            return to;
        }
    }

    private static byte[] bytes(GgufFile file, String name) {
        ByteBuffer bytes = ByteBuffer.allocate((int) file.tensor(name).elements() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.readFloats(name, 0, bytes.asFloatBuffer());
        return bytes.array();
    }

    /** All numbers of a tensor. */
    public static float[] floats(GgufFile file, String name) {
        float[] values = new float[(int) file.tensor(name).elements()];
        file.readFloats(name, 0, FloatBuffer.wrap(values));
        return values;
    }

    /** A tensor of these numbers. */
    public static Entry entry(String name, GgufType type, List<Long> shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Entry(name, type, shape, 0, Content.of(bytes.array()));
    }
}
