#include "harness/preloading.hpp"

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include <memory>
#include <string_view>

#include <boost/process/search_path.hpp>

#include "harness/proc_files.hpp"

namespace soakline {
namespace {

using ElfFile = std::unique_ptr<Elf, decltype(&elf_end)>;

bool has_interpreter(Elf* elf) {
  std::size_t headers = 0;
  if (elf_getphdrnum(elf, &headers) != 0) return true;
  for (std::size_t i = 0; i < headers; ++i)
    if (GElf_Phdr header; gelf_getphdr(elf, static_cast<int>(i), &header) && header.p_type == PT_INTERP)
      return true;
  return false;
}

// Whether one of the libraries that the program names begins so.
bool needs_library(Elf* elf, std::initializer_list<std::string_view> beginnings) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
       section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC || header.sh_entsize == 0) continue;
    Elf_Data* const data = elf_getdata(section, nullptr);
    for (std::size_t i = 0; data != nullptr && i < header.sh_size / header.sh_entsize; ++i) {
      GElf_Dyn entry;
      if (!gelf_getdyn(data, static_cast<int>(i), &entry) || entry.d_tag != DT_NEEDED) continue;
      const char* const name = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
      for (const std::string_view beginning : beginnings)
        if (name != nullptr && std::string_view(name).starts_with(beginning)) return true;
    }
  }
  return false;
}

}  // namespace

std::string why_not_preloaded(const Command& command) {
  const std::string& name = command.arguments.at(0);
  const std::string program =
      name.find('/') != std::string::npos ? name : boost::process::search_path(name).string();
  struct stat status {};
  if (stat(program.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0)
    return "is set-uid, and the loader gives it no library of ours";
  elf_version(EV_CURRENT);
  const OpenFile file = open_at(AT_FDCWD, program.c_str(), O_RDONLY | O_CLOEXEC);
  const ElfFile elf(file.is_open() ? elf_begin(file.fd(), ELF_C_READ, nullptr) : nullptr, elf_end);
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF) return "";
  if (!has_interpreter(elf.get())) return "is statically linked";
  if (needs_library(elf.get(), {"libasan", "libtsan", "libmsan", "libhwasan"}))
    return "is built with a sanitizer, whose allocator must come first";
  return "";
}

}  // namespace soakline
