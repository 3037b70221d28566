// story [PICTURE [SEALED]]: seals a FAL key, opens it, and has a picture made.
//
// The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY, SEALED of an earlier run is opened.
// The password comes from GENERATIO_PASSWORD, and another address than FAL's from FAL_URL.

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "curl.hpp"
#include "generatio.hpp"

namespace {

constexpr std::string_view model = "flux/schnell";
constexpr std::string_view prompt = "a lighthouse in the fog";
constexpr std::string_view parameters =
    R"({"image_size": {"width": 1280, "height": 1024}, "output_format": "png"})";
constexpr std::int64_t patience_ms = 600'000;

std::string_view variable(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

generatio::Secret unlocked(const std::string &path) {
  const auto key = variable("FAL_KEY"), password = variable("GENERATIO_PASSWORD");
  if (!key.empty()) {
    std::ofstream file{path};
    file << generatio::seal(key, password) << std::flush;
    if (!file) throw std::runtime_error{path + " cannot be written"};
  }
  std::ifstream file{path};
  std::string sealed;
  if (!(file >> sealed)) throw std::runtime_error{path + " cannot be read; set FAL_KEY to make it"};
  return generatio::open(sealed, password);
}

void tell(const generatio_progress *progress) {
  static constexpr const char *states[] = {"unknown", "queued", "running", "completed"};
  const auto state = generatio_progress_state(progress);
  const auto ahead = generatio_progress_queue_position(progress);
  std::cout << states[state < std::size(states) ? state : 0];
  if (ahead >= 0) std::cout << ", " << ahead << " ahead";
  std::cout << std::endl;
  for (std::size_t at = 0; at < generatio_progress_log_count(progress); ++at)
    std::cout << "  " << generatio::text(generatio_progress_log_message(progress, at)) << std::endl;
}

void story(const std::string &picture, const std::string &sealed) {
  const auto key = unlocked(sealed);
  const auto catalog = generatio::make<generatio::Catalog>(generatio_catalog_builtin);
  const auto generation = generatio::check(catalog, model, prompt, parameters);
  std::cout << "price: " << generatio::dollars(generatio::quote(generation)) << std::endl;

  const auto url = variable("FAL_URL");
  const auto fal =
      generatio::make<generatio::Fal>([&](auto out) { return generatio_fal_new(url.data(), url.size(), out); });
  example::CurlTransport transport;
  const auto output =
      generatio::generate(fal, key, generation, example::now_ms() + patience_ms, transport, tell);

  example::download(std::string{generatio::text(generatio_output_url(output.get(), 0))}, picture);
  std::cout << "saved: " << picture << " (" << generatio_output_width(output.get(), 0) << "x"
            << generatio_output_height(output.get(), 0) << ")\n"
            << "cost: " << generatio::dollars(generatio::charge(generation, output)) << std::endl;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    if (generatio_abi() != GENERATIO_ABI) throw std::runtime_error{"another libgeneratio than this was compiled for"};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
    story(argc > 1 ? argv[1] : "picture.png", argc > 2 ? argv[2] : "sealed-key.txt");
    return EXIT_SUCCESS;
  } catch (const generatio::Error &error) {
    std::cerr << "error: " << error.what() << " (" << error.name() << ")\n";
    if (error.may_have_been_taken())
      std::cerr << "FAL may have taken the request: look at your account before you try again.\n";
  } catch (const std::exception &error) {
    std::cerr << "error: " << error.what() << "\n";
  }
  return EXIT_FAILURE;
}
