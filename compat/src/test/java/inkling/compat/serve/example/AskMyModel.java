package inkling.compat.serve.example;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.concurrent.CompletableFuture;

/**
 * Uses LangChain4j to ask a model that you trained. Prints one answer as a whole, and one while it is generated. Start
 * {@code ./inkling serve my-run}, then this program with the server's address and the model's name:
 * {@code AskMyModel http://127.0.0.1:8080 my-run "Who are you?"}.
 */
public final class AskMyModel {
    private AskMyModel() {}

    public static void main(String[] arguments) {
        String address = arguments[0] + "/v1";
        String name = arguments[1];
        String question = arguments[2];

        ChatModel model = OpenAiChatModel.builder().baseUrl(address).apiKey("none").modelName(name)
            .temperature(0.0).maxTokens(20).build();
        System.out.println(model.chat(question));

        StreamingChatModel streaming = OpenAiStreamingChatModel.builder().baseUrl(address).apiKey("none").modelName(name)
            .temperature(0.0).maxTokens(20).build();
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        streaming.chat(question, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                System.out.print(text);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        System.out.println("\n" + whole.join().tokenUsage().outputTokenCount() + " tokens");
    }
}
