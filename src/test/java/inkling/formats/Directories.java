package inkling.formats;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.formats.family.ModelFormat;
import inkling.formats.tensors.Tensors;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Makes model directories for tests, and reads what is in them. */
public final class Directories {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Directories() {}

    public static GptConfig gpt2(boolean tied) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(8).nInner(20).contextLength(6).tieEmbeddings(tied)).over(17);
    }

    public static GptConfig llama(boolean tied, RopeConfig rope) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(16).nInner(24).contextLength(32).bias(false)
            .tieEmbeddings(tied).positions(Positions.ROPE).rope(rope).norm(Norm.RMS_NORM).normEps(1e-6)
            .activation(Activation.SWIGLU)).over(17);
    }

    /** config.json without Inkling's section, and these tensors. */
    public static Path write(Path directory, Map<String, Object> config, List<Entry> tensors) {
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("config.json"), JSON.writeValueAsBytes(config));
            safetensors(directory.resolve("model.safetensors"), tensors);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void safetensors(Path file, List<Entry> tensors) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(out, tensors, Map.of());
        }
    }

    /** The tensors that {@code format} stores of a model, names changed by {@code rename}. */
    public static List<Entry> tensors(Gpt gpt, ModelFormat format, UnaryOperator<String> rename) {
        List<Entry> entries = new ArrayList<>();
        for (ModelFormat.Stored stored : format.tensors(gpt.config())) {
            Entry entry = Tensors.entry(stored, gpt.parameters());
            entries.add(new Entry(rename.apply(entry.name()), entry.dtype(), entry.shape(), entry.content()));
        }
        return entries;
    }

    static Entry zeros(String name, Long... shape) {
        long size = 1;
        for (long s : shape) {
            size *= s;
        }
        return Entry.floats(name, List.of(shape), new float[(int) size]);
    }

    /** A tensor of 16-bit values, which are given as their bits. */
    static Entry halves(String name, Dtype dtype, List<Long> shape, short[] bits) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
        for (short b : bits) {
            bytes.putShort(b);
        }
        return new Entry(name, dtype, shape, out -> out.write(bytes.array()));
    }

    public static Map<String, Object> gpt2Json() {
        Map<String, Object> config = new LinkedHashMap<>(Map.of("model_type", "gpt2", "vocab_size", 17, "n_layer", 2, "n_head", 2,
            "n_embd", 8, "n_inner", 20, "n_positions", 6));
        config.put("tie_word_embeddings", true);
        config.put("intermediate_size", 37);
        config.put("hidden_act", "relu");
        return config;
    }

    public static Map<String, Object> llamaJson() {
        return new LinkedHashMap<>(Map.of("model_type", "llama", "vocab_size", 17, "num_hidden_layers", 2, "num_attention_heads", 4,
            "num_key_value_heads", 2, "hidden_size", 16, "intermediate_size", 24, "max_position_embeddings", 32,
            "tie_word_embeddings", true));
    }

    /** Name → the bytes of every tensor of a directory's single file. */
    public static Map<String, ByteBuffer> bytes(Path directory) {
        Map<String, ByteBuffer> all = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
            file.tensors().keySet().forEach(name -> all.put(name, file.map(name)));
        }
        return all;
    }

    /** Name → the values of every parameter. */
    public static Map<String, float[]> values(Gpt gpt) {
        Map<String, float[]> values = new LinkedHashMap<>();
        gpt.parameters().asMap().forEach((name, array) -> values.put(name, array.toFloatArray()));
        return values;
    }
}
