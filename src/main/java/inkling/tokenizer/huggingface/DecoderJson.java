package inkling.tokenizer.huggingface;

import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.split.Metaspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The {@code decoder} of tokenizer.json: ByteLevel alone, or a sequence of Replace, ByteFallback, Fuse, Strip and Metaspace. */
final class DecoderJson {
    private DecoderJson() {}

    /** @throws ModelFormatException if a kind or option is not supported */
    static Decoder read(JsonFields json) {
        List<JsonFields> parts = parts(json);
        if (parts.size() == 1 && parts.get(0).requireString("type").equals("ByteLevel")) {
            // the other options have no effect on a decoder
            parts.get(0).rejectUnknown(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
            return Decoder.BYTES;
        }
        List<Decoder.Step> steps = new ArrayList<>();
        boolean fused = false;
        for (JsonFields part : parts) {
            Decoder.Step step = step(part);
            if (fused && !(step instanceof Decoder.Strip || step instanceof Decoder.Fuse)) {
                throw part.fault("type", "is not supported after Fuse; only Strip and Fuse are.");
            }
            fused |= step instanceof Decoder.Fuse;
            steps.add(step);
        }
        return new Decoder.Steps(steps);
    }

    private static List<JsonFields> parts(JsonFields json) {
        if (!json.requireString("type").equals("Sequence")) {
            return List.of(json);
        }
        json.rejectUnknown(Set.of("type", "decoders"));
        List<JsonFields> parts = new ArrayList<>();
        PreTokenizerJson.stages(json, "decoders").forEach(part -> parts.addAll(parts(part)));
        return parts;
    }

    private static Decoder.Step step(JsonFields json) {
        return switch (json.requireString("type")) {
            case "Replace" -> {
                json.rejectUnknown(Set.of("type", "pattern", "content"));
                yield new Decoder.Replace(NormalizerJson.pattern(json), json.requireString("content"));
            }
            case "ByteFallback" -> {
                json.rejectUnknown(Set.of("type"));
                yield new Decoder.ByteFallback();
            }
            case "Fuse" -> {
                json.rejectUnknown(Set.of("type"));
                yield new Decoder.Fuse();
            }
            case "Metaspace" -> {
                Metaspace metaspace = PreTokenizerJson.metaspace(json);
                yield new Decoder.Metaspace(metaspace.replacement(), metaspace.scheme() != Metaspace.Scheme.NEVER);
            }
            case "Strip" -> strip(json);
            case "ByteLevel" -> throw json.fault("type", "is not supported beside other decoders.");
            default -> throw json.fault("type", "is not supported; ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace and"
                + " Sequences of these are.");
        };
    }

    private static Decoder.Step strip(JsonFields json) {
        json.rejectUnknown(Set.of("type", "content", "start", "stop"));
        if (json.requireInt("stop") != 0) {
            throw json.fault("stop", "is not supported: it must be 0, because text is shown before its end is known.");
        }
        if (json.requireInt("start") < 0) {
            throw json.fault("start", "must not be negative.");
        }
        return new Decoder.Strip(PreTokenizerJson.character(json, "content"), json.requireInt("start"));
    }
}
