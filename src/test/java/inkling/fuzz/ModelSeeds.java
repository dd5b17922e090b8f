package inkling.fuzz;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.engine.Devices;
import inkling.formats.ModelDirectory;
import inkling.formats.family.GenerationSettings;
import inkling.formats.peft.PeftAdapter;
import inkling.io.Content;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.Parameters;
import inkling.model.Probe;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.optim.Optimizer;
import inkling.tokenizer.SpecialIds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * Files of models of a few hundred weights, their adapters and an optimizer's moments, as Inkling or another program writes them. The
 * engine loads them.
 */
final class ModelSeeds {
    private static final NDManager MANAGER = Devices.manager(Device.cpu());
    private static final GptConfig GPT2 = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(4).nInner(8).contextLength(6)).over(11);
    private static final GptConfig ROTARY = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).nInner(8).contextLength(6)
        .positions(Positions.ROPE)).over(11);
    private static final int MOST_ROTARY = 1 << 20;

    private ModelSeeds() {}

    static List<byte[]> configs() {
        byte[] withSection = model(GPT2, false).get("config.json");
        String foreign = new String(withSection, StandardCharsets.UTF_8)
            .replaceFirst("\"inkling\"\\s*:\\s*\\{[^{}]*}", "\"use_cache\": true");
        return List.of(withSection, foreign.getBytes(StandardCharsets.UTF_8));   // the second is read by the keys of Transformers
    }

    static List<byte[]> weights() {
        byte[] plain = model(GPT2, false).get("model.safetensors");
        float[] mask = new float[36];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % 6 <= i / 6 ? 1 : 0;
        }
        return List.of(plain, with(plain, Entry.floats("transformer.h.0.attn.bias", List.of(1L, 1L, 6L, 6L), mask),
            Entry.floats("transformer.h.0.attn.masked_bias", List.of(), new float[] {-10_000})));
    }

    /** Weights with the constants that some programs store beside them. */
    static List<byte[]> rotaryWeights() {
        float[] cos = new float[24];
        float[] sin = new float[24];
        for (int i = 0; i < cos.length; i++) {
            double angle = i / 4 * (i % 2 == 0 ? 1 : 0.01);
            cos[i] = (float) Math.cos(angle);
            sin[i] = (float) Math.sin(angle);
        }
        return List.of(with(model(ROTARY, false).get("model.safetensors"),
            Entry.floats("transformer.h.0.rotary_emb.inv_freq", List.of(2L), new float[] {1, 0.01f}),
            Entry.floats("transformer.h.0.rotary_emb.cos_cached", List.of(1L, 6L, 4L), cos),
            Entry.floats("transformer.h.0.rotary_emb.sin_cached", List.of(1L, 6L, 4L), sin),
            Entry.floats("transformer.position_ids", List.of(6L), new float[] {0, 1, 2, 3, 4, 5})));
    }

    private static byte[] with(byte[] safetensors, Entry... more) {
        try {
            Path file = Files.createTempFile("inkling-fuzz", ".safetensors");
            Files.write(file, safetensors);
            List<Entry> entries = new ArrayList<>();
            try (SafetensorsFile weights = SafetensorsFile.open(file)) {
                weights.tensors().forEach((name, tensor) -> entries.add(Entry.floats(name, tensor.shape(), weights.floats(name))));
            }
            Files.delete(file);
            entries.addAll(List.of(more));
            return bytes(SafetensorsWriter.content(entries, Map.of("format", "pt")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<byte[]> adapterConfig() {
        String own = new String(model(GPT2, true).get("adapter_config.json"), StandardCharsets.UTF_8);
        List<String> targets = List.of("\"(?i)transformer\\\\.h\\\\.[0-9]{1,2}\\\\.(?:attn\\\\.c_(?!proj)\\\\w+|mlp\\\\.c_proj)\"",
            "[\"c_attn\", \"h.0.mlp.c_proj\"], \"exclude_modules\": \"x|y.*?\", \"layers_to_transform\": [0], \"layers_pattern\": \"h\"",
            "[\"c_attn\", \"mlp.c_proj\"], \"use_rslora\": true, \"init_lora_weights\": \"gaussian\","
                + " \"rank_pattern\": {}, \"use_dora\": false");
        List<byte[]> seeds = new ArrayList<>(List.of(own.getBytes(StandardCharsets.UTF_8)));
        targets.forEach(target -> seeds.add(own
            .replaceFirst("(?s)(?<=\"target_modules\"\\s?:\\s?)\\[.*?]", Matcher.quoteReplacement(target))
            .getBytes(StandardCharsets.UTF_8)));
        return seeds;
    }

    static List<byte[]> adapterWeights() {
        return List.of(model(GPT2, true).get("adapter_model.safetensors"));
    }

    static List<byte[]> moments() {
        try (NDManager scope = MANAGER.newSubManager(); Optimizer optimizer = optimizer(scope)) {
            return List.of(bytes(TrainingState.content(optimizer, Progress.START).get("optimizer.safetensors")));
        }
    }

    /** Writes a whole model directory, in which one file is spoiled afterwards. */
    static void files(Format format, Path directory) throws IOException {
        boolean adapter = format == Format.ADAPTER_CONFIG || format == Format.ADAPTER_WEIGHTS;
        for (Map.Entry<String, byte[]> file : model(format == Format.ROTARY_WEIGHTS ? ROTARY : GPT2, adapter).entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    /** Loads the model and computes the logits after one token. */
    static void load(Path directory) {
        GptConfig config = ModelDirectory.config(directory);
        if (config.positions() == Positions.ROPE && (long) config.contextLength() * config.attention().rotaryChannels() > MOST_ROTARY) {
            return;   // its table of angles would be as large as the spoiled config says
        }
        try (NDManager scope = MANAGER.newSubManager(); Gpt gpt = ModelDirectory.load(directory, scope)) {
            NDArray logits = gpt.forward(scope.create(new long[] {0}, new Shape(1, 1)), Mode.EVAL, Probe.NONE);
            Format.require(logits.size() == gpt.config().vocabSize(), "one logit for each entry of the vocabulary");
        }
    }

    static void loadOptimizer(Path directory) {
        try (NDManager scope = MANAGER.newSubManager(); Optimizer optimizer = optimizer(scope)) {
            TrainingState.load(directory, optimizer, scope);
        }
    }

    private static Optimizer optimizer(NDManager scope) {
        Map<String, NDArray> parameters = new LinkedHashMap<>();
        parameters.put("w", scope.ones(new Shape(2, 3)));
        parameters.put("b", scope.ones(new Shape(3)));
        return new AdamW(new AdamWConfig(0.9, 0.95, 1e-8, 0.1, 1), parameters, scope);
    }

    private static Map<String, byte[]> model(GptConfig config, boolean adapter) {
        try (NDManager scope = MANAGER.newSubManager()) {
            Parameters parameters = GptWeights.initialise(config, scope.newSubManager(), 7);
            Optional<Lora> lora = Optional.of(new LoraConfig(2, 4, 0.5, List.of("attn.c_attn", "mlp.c_proj"))).filter(l -> adapter)
                .map(Lora::new);
            lora.ifPresent(adapters -> adapters.addTo(parameters, config, 7));
            Gpt gpt = new Gpt(config, parameters, lora);
            Map<String, Content> files = new LinkedHashMap<>(ModelDirectory.content(gpt, GenerationSettings.of(SpecialIds.NONE)));
            files.putAll(PeftAdapter.content(gpt, "base"));
            Map<String, byte[]> contents = new LinkedHashMap<>();
            files.forEach((name, content) -> contents.put(name, bytes(content)));
            return contents;
        }
    }

    private static byte[] bytes(Content content) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            content.writeTo(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
