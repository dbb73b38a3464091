import json
import threading
from pathlib import Path
from typing import Any

import pytest

from accounts.sms import SmsFailed, send_sms


def test_the_console_shows_number_and_text(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SMS_BACKEND = "accounts.sms.ConsoleSms"
    send_sms("+8619900001234", "你好")
    assert capsys.readouterr().out == "SMS +8619900001234: 你好\n"


def test_the_file_holds_one_line_a_message_however_many_send_at_once(settings: Any) -> None:
    settings.SMS_BACKEND = "accounts.sms.FileSms"
    threads = [threading.Thread(target=send_sms, args=(f"+861990000{n:04d}", "好" * 300)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in Path(settings.SMS_FILE).read_text().splitlines()]
    assert sorted(line["to"] for line in lines) == [f"+861990000{n:04d}" for n in range(30)]
    assert {line["text"] for line in lines} == {"好" * 300}


def test_a_file_that_cannot_be_written_is_a_message_that_failed(settings: Any, tmp_path: Path) -> None:
    settings.SMS_BACKEND = "accounts.sms.FileSms"
    (tmp_path / "blocked").write_text("a file where a folder is needed")
    settings.SMS_FILE = tmp_path / "blocked" / "messages.jsonl"
    with pytest.raises(SmsFailed):
        send_sms("+8619900001234", "hello")
