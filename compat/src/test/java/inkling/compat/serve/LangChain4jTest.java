package inkling.compat.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import inkling.compat.serve.example.AskMyModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** LangChain4j, whose HTTP client offers to upgrade to HTTP/2 with each request, and the example program that uses it. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LangChain4jTest {
    private static Served served;

    @BeforeAll static void start() {
        served = new Served();
    }

    @AfterAll static void stop() {
        served.close();
    }

    private static OpenAiChatModel.OpenAiChatModelBuilder whole() {
        return OpenAiChatModel.builder().baseUrl(served.address() + "/v1").apiKey("none").modelName(Served.MODEL).temperature(0.0)
            .maxTokens(12).maxRetries(0);
    }

    private static OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streaming() {
        return OpenAiStreamingChatModel.builder().baseUrl(served.address() + "/v1").apiKey("none").modelName(Served.MODEL).temperature(0.0);
    }

    /** Collects a stream. */
    private static final class Collecting implements StreamingChatResponseHandler {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

        @Override
        public void onPartialResponse(String more) {
            text.append(more);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            end.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }
    }

    @Test void aStreamIsTheWholeAnswer() {
        ChatResponse answer = whole().build().chat(dev.langchain4j.data.message.UserMessage.from("Hello"));
        assertEquals(FinishReason.LENGTH, answer.finishReason());
        assertEquals(12, answer.tokenUsage().outputTokenCount());
        Collecting collecting = new Collecting();
        streaming().maxTokens(12).build().chat("Hello", collecting);
        assertEquals(12, collecting.end.join().tokenUsage().outputTokenCount());
        assertEquals(answer.aiMessage().text(), collecting.text.toString());
        assertEquals(answer.aiMessage().text(), collecting.end.join().aiMessage().text());
    }

    @Test void errorsAreExceptionsOfTheClient() {
        assertThrows(ModelNotFoundException.class, () -> whole().modelName("other").build().chat("Hello"));
        assertThrows(InvalidRequestException.class, () -> whole().temperature(3.0).build().chat("Hello"));
        Collecting collecting = new Collecting();
        streaming().temperature(3.0).build().chat("Hello", collecting);
        assertThrows(Exception.class, collecting.end::join);
    }

    @Test void aStreamThatIsCancelledEndsTheText() {
        AtomicBoolean cancelled = new AtomicBoolean();
        streaming().maxTokens(60).build().chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
                context.streamingHandle().cancel();
                cancelled.set(true);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {}

            @Override
            public void onError(Throwable error) {}
        });
        while (!cancelled.get() || served.busy() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test void theExampleProgramRuns() {
        PrintStream console = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            AskMyModel.main(new String[] {served.address(), Served.MODEL, "Who are you?"});
        } finally {
            System.setOut(console);
        }
        String text = said.toString(StandardCharsets.UTF_8);
        String answer = whole().maxTokens(20).build().chat("Who are you?");
        assertTrue(text.startsWith(answer) && text.endsWith("20 tokens\n"), text);
        assertEquals(2, List.of(text.split(java.util.regex.Pattern.quote(answer), -1)).size() - 1, "in one piece, then streamed: " + text);
    }
}
