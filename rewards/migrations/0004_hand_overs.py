"""Each voucher that was handed over before gets the row of its hand-over."""

from django.db import migrations


def keep_earlier(apps, schema_editor):
    redemption, hand_over = (apps.get_model("rewards", name) for name in ("Redemption", "HandOver"))
    used = redemption.objects.filter(state="fulfilled", end_transaction__isnull=False, hand_overs=None)
    hand_over.objects.bulk_create(
        (
            hand_over(
                redemption=row,
                by_id=row.fulfilled_by_id,
                at=row.ended_at,
                nonce=row.fulfil_nonce,
                transaction_id=row.end_transaction_id,
            )
            for row in used.iterator()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_desk")]
    operations = [migrations.RunPython(keep_earlier, migrations.RunPython.noop)]
