// Datasets that are folders of image files: who is there, which class, in which order. All paths
// in messages are whole, and what is refused is a std::invalid_argument.
#pragma once

#include "suites/harness/dataset.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ticketbench {

/// An image and its class.
struct LabelledFile {
  std::string path;  ///< below the dataset's folder
  int64_t label;
};

/// Sorted names of the folders in `folder`, but for hidden ones: the classes, in the order of their
/// labels. Refuses a folder that isn't there, and another number than `expected`.
std::vector<std::string> class_names(const std::filesystem::path& folder, int64_t expected);

/// Refuses where one of `classes`, which `where` names, has no folder in `folder`.
void require_classes(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                     const std::string& where);

/// Sorted names of the *.JPEG in `folder`. Refuses any other file, but for hidden ones.
std::vector<std::string> image_names(const std::filesystem::path& folder);

/// The images of `split`/CLASS/`below` for each of `classes`; refuses another number in all than
/// `expected`. Interleaved.
std::vector<LabelledFile> list_classes(const std::filesystem::path& folder,
                                       const std::string& split,
                                       const std::vector<std::string>& classes,
                                       const std::string& below, int64_t expected);

/// Spreads each class evenly over the list: recipes take the first so many images, and hold out the
/// last so many, and both shall have all classes in their proportions. Within a class the order
/// stays.
void interleave(std::vector<LabelledFile>& files);

/// The label of `name`, as an index into sorted `classes`; refuses what isn't one of them, saying
/// that it stands in `where`.
int64_t label_of(const std::vector<std::string>& classes, const std::string& name,
                 const std::string& where);

/// Lines of a text file, without their ends and without empty ones.
std::vector<std::string> read_lines(const std::filesystem::path& path);

/// Refuses another number of images in `where` than `expected`; `more` goes on with the sentence.
void require_images(const std::filesystem::path& where, size_t found, int64_t expected,
                    const std::string& more = "");

/// Left as files.
Images as_files(const std::filesystem::path& folder, const std::vector<LabelledFile>& files,
                const InputShape& input);
/// Decoded now, on all cores. Refuses an image of another size than `input`.
Images decoded(const std::filesystem::path& folder, const std::vector<LabelledFile>& files,
               const InputShape& input);

/// A folder as if it were one file: its bytes are those of all images, its SHA-256 is that of their
/// sorted paths and sizes, "PATH SIZE\n" each. What is in the files isn't hashed.
DatasetFile fingerprint(const std::filesystem::path& folder, const std::vector<LabelledFile>& train,
                        const std::vector<LabelledFile>& test);

/// Decodes each *.JPEG below `folder` to its end, on all cores, and says for each that can't be
/// why.
std::vector<std::string> broken_images(const std::filesystem::path& folder);

}  // namespace ticketbench
